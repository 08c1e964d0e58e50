"""How mail programs announce a quotation and close a mail, one a line, in words of our own. ``|`` parts the lines."""

# What stands over a quotation.
ATTRIBUTIONS = r"""
El lun, 2 nov 2026 a las 10:00, Tienda Sol (<shop@example.com>) escribió:
El lunes, 2 de noviembre de 2026, 10:00:00 CET, Tienda Sol <shop@example.com> escribió:
El 2/11/26 a las 10:00, Tienda Sol escribió:
El 2 nov 2026, a las 10:00, Tienda Sol <shop@example.com> escribió:
El 02-11-2026 10:00, Tienda Sol escribió:
El lunes, 2 de noviembre de 2026, Tienda Sol <shop@example.com> escribió:
El jue., 2 nov. 2026 10:00, Tienda Sol <shop@example.com> escribió:
2 de nov. de 2026 10:00, Tienda Sol <shop@example.com> escribió:
El dl., 2 de nov. 2026, 10:00, Tienda Sol <shop@example.com> va escriure:
Missatge de Tienda Sol <shop@example.com> del dia dl., 2 de nov. 2026 a les 10:00:
El dia 2 nov 2026, a les 10:00, Tienda Sol <shop@example.com> va escriure:
El 2/11/2026 a les 10:00, Tienda Sol ha escrit:
O luns, 2 nov 2026 ás 10:00, Tienda Sol (<shop@example.com>) escribiu:
O Luns, 2 de Novembro de 2026 10:00, Tienda Sol <shop@example.com> escribiu:
El lun., 2 nov. 2026 ás 10:00, Tienda Sol escribiu:
Tienda Sol igorleak hau idatzi zuen (2026(e)ko aza. 2(a), al. (10:00)):
2026 aza. 2 10:00 erabiltzaileak hau idatzi du ("Tienda Sol" <shop@example.com>):
Tienda Sol-(e)k idatzi du (2026-11-02 10:00):
Em seg., 2 de nov. de 2026 às 10:00, Tienda Sol <shop@example.com> escreveu:
Em 02/11/2026 10:00, Tienda Sol escreveu:
A segunda, 2/11/2026, 10:00, Tienda Sol <shop@example.com> escreveu:
No dia 2 de nov de 2026, às 10:00, Tienda Sol <shop@example.com> escreveu:
Tienda Sol <shop@example.com> escreveu no dia segunda, 2/11/2026 à(s) 10:00:
On Mon, Nov 2, 2026 at 10:00 AM Tienda Sol <shop@example.com> wrote:
On 2 Nov 2026, at 10:00, Tienda Sol <shop@example.com> wrote:
On 11/2/26 10:00, Tienda Sol wrote:
On 2026-11-02 10:00, Tienda Sol wrote:
On Monday, November 2nd, 2026 at 10:00 AM, Tienda Sol <shop@example.com> wrote:
On Mon, 02 Nov 2026 10:00:00 +0100, Tienda Sol wrote:
On Monday 02 November 2026 10:00:00 Tienda Sol wrote:
Nov 2, 2026, 10:00 by shop@example.com:
02.11.2026, 10:00, "Tienda Sol" <shop@example.com>:
Tienda Sol <shop@example.com> wrote:
Tienda Sol <shop@example.com> wrote on Mon, 2 Nov 2026 at 10:00:
Tienda Sol via Soporte <shop@example.com> wrote:
Quoting Tienda Sol <shop@example.com>:
Zitat von Tienda Sol <shop@example.com>:
At 10:00 02/11/2026, Tienda Sol wrote:
In message <abc@x.example>, Tienda Sol <shop@example.com> writes:
---- On Mon, 02 Nov 2026 10:00:00 +0100 Tienda Sol <shop@example.com> wrote ---
---- El lun, 02 nov 2026 10:00:00 +0100 Tienda Sol <shop@example.com> escribió ----
Le lun. 2 nov. 2026 à 10:00, Tienda Sol <shop@example.com> a écrit :
Le 2 nov. 2026 à 10:00, Tienda Sol <shop@example.com> a écrit :
Le 02/11/2026 à 10:00, Tienda Sol a écrit :
Le lundi 2 novembre 2026 à 10:00:00 UTC+1, Tienda Sol <shop@example.com> a écrit :
Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Tienda Sol <shop@example.com>:
Am 02.11.2026 um 10:00 schrieb Tienda Sol:
Am 02.11.26 um 10:00 schrieb Tienda Sol <shop@example.com>:
Am Montag, 2. November 2026 um 10:00:00 MEZ hat Tienda Sol <shop@example.com> Folgendes geschrieben:
Am 2. November 2026 10:00:00 MEZ schrieb Tienda Sol <shop@example.com>:
Tienda Sol <shop@example.com> schrieb am Mo., 2. Nov. 2026, 10:00:
Il giorno lun 2 nov 2026 alle ore 10:00 Tienda Sol <shop@example.com> ha scritto:
Il 02/11/2026 10:00, Tienda Sol ha scritto:
Il lunedì 2 novembre 2026 10:00:00 CET, Tienda Sol <shop@example.com> ha scritto:
Il giorno 2 nov 2026, alle ore 10:00, Tienda Sol <shop@example.com> ha scritto:
In data lunedì 2 novembre 2026 10:00:00 CET, Tienda Sol ha scritto:
Op ma 2 nov 2026 om 10:00 schreef Tienda Sol <shop@example.com>:
Op 2 nov. 2026 om 10:00 heeft Tienda Sol <shop@example.com> het volgende geschreven:
Op 2-11-2026 om 10:00 schreef Tienda Sol:
Den mån 2 nov. 2026 kl 10:00 skrev Tienda Sol <shop@example.com>:
2 nov. 2026 kl. 10:00 skrev Tienda Sol <shop@example.com>:
Den 2026-11-02 kl. 10:00, skrev Tienda Sol:
man. 2. nov. 2026 kl. 10.00 skrev Tienda Sol <shop@example.com>:
Den 2. nov. 2026 kl. 10.00 skrev Tienda Sol <shop@example.com>:
Den man. 2. nov. 2026 kl. 10.00 skrev Tienda Sol <shop@example.com>:
On 02.11.2026 10:00, Tienda Sol skrev:
ma 2. marrask. 2026 klo 10.00 Tienda Sol (shop@example.com) kirjoitti:
Tienda Sol kirjoitti 2.11.2026 klo 10.00:
Tienda Sol <shop@example.com> kirjoitti 2.11.2026 kello 10.00:
pon., 2 lis 2026 o 10:00 Tienda Sol <shop@example.com> napisał(a):
W dniu 02.11.2026 o 10:00, Tienda Sol pisze:
W dniu pon., 2.11.2026 o 10:00 Tienda Sol <shop@example.com> napisał(a):
Wiadomość napisana przez Tienda Sol <shop@example.com> w dniu 02.11.2026, o godz. 10:00:
Dnia 2 listopada 2026 10:00 Tienda Sol <shop@example.com> napisał(a):
po 2. 11. 2026 v 10:00 odesílatel Tienda Sol <shop@example.com> napsal:
Dne 02.11.2026 v 10:00 Tienda Sol napsal(a):
po 2. 11. 2026 o 10:00 Tienda Sol <shop@example.com> napísal(a):
пн, 2 нояб. 2026 г. в 10:00, Tienda Sol <shop@example.com>:
2 ноября 2026 г., в 10:00, Tienda Sol <shop@example.com> написал(а):
02.11.2026 10:00, Tienda Sol пишет:
Понедельник, 2 ноября 2026, 10:00 +03:00 от Tienda Sol <shop@example.com>:
пн, 2 лист. 2026 р. о 10:00 Tienda Sol <shop@example.com> пише:
Tienda Sol <shop@example.com> ezt írta (időpont: 2026. nov. 2., H, 10:00):
2026. 11. 02. 10:00 keltezéssel, Tienda Sol írta:
lun., 2 nov. 2026 la 10:00, Tienda Sol <shop@example.com> a scris:
Pe 2 nov. 2026, la 10:00, Tienda Sol <shop@example.com> a scris:
Tienda Sol <shop@example.com>, 2 Kas 2026 Pzt, 10:00 tarihinde şunu yazdı:
2 Kas 2026 10:00 tarihinde Tienda Sol <shop@example.com> yazdı:
Στις Δευ 2 Νοε 2026 στις 10:00 π.μ., ο χρήστης Tienda Sol <shop@example.com> έγραψε:
2026年11月2日(月) 10:00 Tienda Sol <shop@example.com>:
2026/11/02 10:00、Tienda Solのメール:
2026年11月2日 10:00、Tienda Sol <shop@example.com>のメール:
2026年11月2日(月) 10:00、Tienda Sol <shop@example.com>さんは書きました:
Tienda Sol <shop@example.com> 于2026年11月2日周一 10:00写道：
在 2026年11月2日，10:00，Tienda Sol <shop@example.com> 写道：
在 2026/11/2 10:00, Tienda Sol 写道:
在 2026-11-02 10:00:00，"Tienda Sol" <shop@example.com> 写道：
Tienda Sol <shop@example.com> 於 2026年11月2日 週一 上午10:00寫道：
2026년 11월 2일 (월) 오전 10:00, Tienda Sol <shop@example.com>님이 작성:
2026. 11. 2. 오전 10:00, Tienda Sol <shop@example.com> 작성:
Vào Th 2, 2 thg 11, 2026 vào lúc 10:00 Tienda Sol <shop@example.com> đã viết:
Pada tanggal Sen, 2 Nov 2026 pukul 10:00 Tienda Sol <shop@example.com> menulis:
2026-11-02 10:00 GMT+01:00 Tienda Sol <shop@example.com>:
2026-11-02 10:00 GMT+01:00 Tienda Sol:
"""

# The head of the mail before.
HEADS = r"""
De: Tienda|Enviado el: lunes, 2 de noviembre de 2026 10:00|Para: Ana|Asunto: Pedido
De: Sol <shop@example.com>|Enviado: lunes, 2 de noviembre de 2026 10:00|Para: Ana <ana@a.es>|Asunto: Re: Pedido
*De:* Sol <shop@example.com>|*Enviado el:* lunes, 2 de noviembre de 2026 10:00|*Para:* Ana|*Asunto:* Pedido
De: Sol <shop@example.com>|Fecha: lunes, 2 de noviembre de 2026, 10:00|Para: Ana <ana@a.es>|Asunto: Re: Pedido
De: Sol <shop@example.com>|Enviat el: dilluns, 2 de novembre de 2026 10:00|Per a: Ana <ana@a.es>|Tema: Re: Comanda
De: Sol <shop@example.com>|Enviat: dilluns, 2 de novembre de 2026 10:00|A: Ana|Assumpte: Re: Comanda
De: Sol <shop@example.com>|Enviado: luns, 2 de novembro de 2026 10:00|Para: Ana|Asunto: Re: Pedido
Nork: Sol <shop@example.com>|Bidalia: astelehena, 2026(e)ko azaroaren 2a 10:00|Nori: Ana|Gaia: Eskaera
De: Sol <shop@example.com>|Enviado: segunda-feira, 2 de novembro de 2026 10:00|Para: Ana|Assunto: Pedido
From: Sol <shop@example.com>|Sent: 02 November 2026 10:00|To: Ana|Cc: Bea|Subject: Re: Order
From: Sol <shop@example.com>|Date: Monday, November 2, 2026 at 10:00 AM|To: Ana <ana@a.es>|Subject: Re: Order
De : Sol <shop@example.com>|Envoyé : lundi 2 novembre 2026 10:00|À : Ana|Objet : Re: Commande
De: Sol <shop@example.com>|À: "Ana" <ana@example.com>|Envoyé: Lundi 2 Novembre 2026 10:00:00|Objet: Re: Commande
Von: Sol <shop@example.com>|Gesendet: Montag, 2. November 2026 10:00|An: Ana|Betreff: AW: Bestellung
Von: Sol <shop@example.com>|Datum: Montag, 2. November 2026 um 10:00|An: Ana|Betreff: AW: Bestellung
Gesendet: Montag, 02. November 2026 um 10:00 Uhr|Von: "Sol" <shop@example.com>|An: ana@a.es|Betreff: Re: Bestellung
Da: Sol <shop@example.com>|Inviato: lunedì 2 novembre 2026 10:00|A: Ana|Oggetto: R: Ordine
Da: "Tienda Sol" shop@example.com|A: "Ana" ana@example.com|Cc:|Data: Mon, 2 Nov 2026 10:00:00 +0100|Oggetto: Re: Ordine
Van: Sol <shop@example.com>|Verzonden: maandag 2 november 2026 10:00|Aan: Ana|Onderwerp: RE: Bestelling
Från: Sol <shop@example.com>|Skickat: den 2 november 2026 10:00|Till: Ana|Ämne: SV: Order
Fra: Sol <shop@example.com>|Sendt: 2. november 2026 10:00|Til: Ana|Emne: SV: Ordre
Fra: Sol <shop@example.com>|Dato: mandag den 2. november 2026 kl. 10.00|Til: Ana|Emne: Ordre
Lähettäjä: Sol <shop@example.com>|Lähetetty: maanantai 2. marraskuuta 2026 10.00|Vastaanottaja: Ana|Aihe: VS: Tilaus
Od: Sol <shop@example.com>|Wysłano: poniedziałek, 2 listopada 2026 10:00|Do: Ana|Temat: ODP: Zamówienie
Od: Sol <shop@example.com>|Odesláno: pondělí 2. listopadu 2026 10:00|Komu: Ana|Předmět: RE: Objednávka
От: Sol <shop@example.com>|Отправлено: 2 ноября 2026 г. 10:00|Кому: Ana|Тема: RE: Заказ
Від: Sol <shop@example.com>|Надіслано: 2 листопада 2026 р. 10:00|Кому: Ana|Тема: RE: Замовлення
Feladó: Sol <shop@example.com>|Elküldve: 2026. november 2. 10:00|Címzett: Ana|Tárgy: RE: Rendelés
Kimden: Sol <shop@example.com>|Gönderildi: 2 Kasım 2026 Pazartesi 10:00|Kime: Ana|Konu: RE: Sipariş
差出人: Sol <shop@example.com>|送信日時: 2026年11月2日 10:00|宛先: Ana|件名: RE: 注文
发件人: Sol <shop@example.com>|发送时间: 2026年11月2日 10:00|收件人: Ana|主题: 回复: 订单
보낸 사람: Sol <shop@example.com>|보낸 날짜: 2026년 11월 2일 월요일 오전 10:00|받는 사람: Ana|제목: RE: 주문
Remitente: Sol <shop@example.com>|Fecha de envío: lunes, 2 de noviembre de 2026 10:00|Destinatario: Ana|Asunto: Pedido
Expéditeur: Sol <shop@example.com>|Date: 2 novembre 2026 à 10:00:00 UTC+1|Destinataire: Ana|Objet: Rép : Commande
Pošiljatelj: Sol <shop@example.com>|Poslano: ponedjeljak, 2. studenoga 2026. 10:00|Prima: Ana|Predmet: RE: Narudžba
Saatja: Sol <shop@example.com>|Saadetud: esmaspäev, 2. november 2026 10:00|Adressaat: Ana|Teema: RE: Tellimus
"""

# What closes a mail.
SIGNATURES = r"""
Enviado desde mi iPhone
Enviado desde mi Samsung Galaxy
Enviado desde mi smartphone Samsung Galaxy.
Enviado desde Outlook para iOS<https://aka.ms/o0ukef>
Enviado desde Yahoo Mail para iPhone
Enviado desde Correo para Windows
Enviado desde mi dispositivo Xiaomi
Enviat des del meu iPhone
Enviat des de l'iPhone
Enviat des d'Outlook per a iOS
Enviado dende o meu iPhone
Nire iPhonetik bidalia
Enviado do meu iPhone
Enviado a partir do meu iPhone
Enviado via iPhone
Sent from my iPhone
Sent from Outlook for iOS<https://aka.ms/o0ukef>
Sent from Yahoo Mail for iPhone
Sent from Mail for Windows
Sent with Proton Mail secure email.
Sent from Proton Mail for iOS
Get Outlook for Android<https://aka.ms/ghei36>
Obtener Outlook para iOS<https://aka.ms/o0ukef>
Obtenir Outlook pour iOS
Télécharger Outlook pour iOS
Envoyé de mon iPhone
Envoyé depuis mon appareil Samsung
Envoyé à partir de Outlook pour iOS
Von meinem iPhone gesendet
Gesendet von Mail für Windows
Von meinem/meiner Galaxy gesendet
Gesendet mit der GMX Mail App
Holen Sie sich Outlook für iOS
Inviato da iPhone
Inviato dal mio Galaxy
Inviato da Outlook per Android
Scarica Outlook per iOS
Verzonden vanaf mijn iPhone
Verstuurd vanaf mijn iPhone
Verzonden vanuit Mail voor Windows
Skickat från min iPhone
Sendt fra min iPhone
Sendt fra min iPad
Lähetetty iPhonesta
Wysłane z iPhone'a
Wysłano z iPhone'a
Odesláno z iPhonu
Odesláno z mého iPhonu
Отправлено с iPhone
Отправлено из мобильной Почты
Отправлено с моего iPhone
Надіслано з iPhone
iPhoneから送信
发自我的 iPhone
發自我的 iPhone
나의 iPhone에서 보냄
Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.
Un saludo,|Ana Pérez
Saludos,|Ana
Saludos cordiales,||Ana Pérez|Directora comercial|Tel. 600 000 000|www.example.com
Un cordial saludo.|Ana
Atentamente,|Ana Pérez García
Salutacions,|Anna
Salutacions cordials,|Anna
Cordialment,|Anna
Agur bat,|Ane
Ondo izan,|Ane
Un saúdo,|Ana
Cumprimentos,|Ana
Com os melhores cumprimentos,|Ana
Best regards,|Ann Smith
Kind regards|Ann
Cordialement,|Anne
Bien cordialement,|Anne
Mit freundlichen Grüßen|Anna Müller
Viele Grüße|Anna
Cordiali saluti,|Anna
Cordiali saluti|Anna Rossi
Distinti saluti|Anna Rossi
Met vriendelijke groet,|Anna
Med venlig hilsen|Anna
Med vänliga hälsningar,|Anna
Z poważaniem,|Anna
С уважением,|Анна
"""

# What customers write that looks like one of these, and is not.
SAID = r"""
El pedido 365534 del 2/11/2026 no ha llegado.|Le escribí: nadie contesta.|¿Pueden ayudarme?
El 2 de noviembre a las 10:00 les escribí:|"El paquete llegó roto"|Y nadie me contestó. Quiero el dinero.
El lunes 2 de noviembre de 2026 el repartidor escribió:|Ausente. Pero yo estaba en casa todo el día.
On Monday 2 November 2026 the courier wrote:|'left with neighbour'|But no neighbour has it. Please refund.
On Monday I wrote:|Please cancel order 5.|You did not.
Fecha: 2/11/2026|De: Madrid|A: Sevilla|Pasajeros: 2
From: Heathrow|To: Hilton Hotel|Date: 3 Nov 2026 10:00|Passengers: 3
Nombre: Ana Pérez|Teléfono: 600 000 000|Correo: ana@example.com|Fecha: 2/11/2026
Name: Ann|Email: ann@example.com|Date: 2026-11-02|Subject: Maths|Message: I want lessons
Pedido 1: bien|-----|Pedido 2: falta una caja y no sé nada
Hola|---|¿Dónde está mi pedido?
Hola||***||La talla es la 42, el color rojo.
Quiero:|- dos camisas|- un pantalón|-- rojo, talla 42||Gracias
Un saludo,|Ana||P.D.: el pedido es el 365534
Un saludo,|Ana Pérez|Pedido 365534
Un saludo,|Ana||Por cierto, ¿cuándo abren el sábado?
Enviado desde la tienda de Madrid el lunes, no ha llegado.
Enviado desde mi casa el lunes por correo certificado, no ha llegado a su almacén
Enviado por correo el lunes
Sent from my house on Monday by courier
Sent by post on 2 November
Enviado con Seur el martes
Enviado por Correos
Enviado por MRW ayer
Me lo mandaron con Correos Express:|no llegó nunca
Get Outlook working on my PC please
Mis datos:|Ana Pérez|Calle Mayor 3|28001 Madrid|600 000 000
El número es el siguiente:|365534
Le escribo desde ana@example.com, mi dirección de antes era esta otra el 2/11/2026:|ana2@example.com
Recibí esto de info@tienda.com:|Su pedido está en camino|Pero no es cierto
La web me dice:|> error 500|y no puedo pagar
x > y|a > b|Por qué?
Tengo tres preguntas:|1. ¿Cuándo llega?|2. ¿Cuánto cuesta?
Hola:||Adjunto la factura del 2/11/2026. Como me escribió María (maria@example.com) ayer:||quiero devolverlo.
Asunto: devolución||Quiero devolver el pedido 365534
De: Ana|Para: Atención al cliente||Quiero devolver el pedido
Gracias,|Ana
Thanks,|Ann
Best|price please?
Saludos
A las 10:00 del 2/11/2026 el cliente dijo:|No quiero nada
Posted by mistake on Monday, sorry
Caution: the box is broken
Advertencia: la caja venía rota y falta el cable
Nota: el paquete está abierto
Le 2 novembre 2026, le livreur a écrit :|absent. Mais j'étais là.
Am 2. November 2026 schrieb mir Ihr Kollege:|Das Geld kommt. Es kam nicht.
"""
