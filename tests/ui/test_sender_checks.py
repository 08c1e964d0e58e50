"""What speaks against a sender and its files stands over the text; what is held is sent only when somebody says so."""

from PySide6.QtWidgets import QLabel, QPushButton

from inbox.channels.base import Attachment, Batch, Receipt
from inbox.services import accounts, breaker, ingest, outbox, replies
from inbox.states import Delivery
from inbox.store.models import Account, Message
from inbox.ui.thread.card import MessageCard
from tests.services.arriving import mail
from tests.ui.conftest import Desk

HEAD = "Received: from a by mx.host.example; x\r\nAuthentication-Results: mx.host.example; dmarc={} header.from={}\r\n"


def _receive(desk: Desk, head: str, sender: str, text: str, *files: str) -> None:
    raw = f"{head}From: Ana <{sender}>\r\n\r\n{text}".encode()
    found = [Attachment(name, "application/octet-stream", 1000, part="2") for name in files]
    message = mail(text, sender, name="Ana Ruiz", raw=raw, subject="Factura pendiente", attachments=tuple(found))
    with desk.app.db.writing() as s:
        account = accounts.add(s, "email", "Tienda", {"address": "hola@casaverde.example"})
        s.get_one(Account, account).enabled = False
        ingest.store_batch(s, account, Batch((message,), "c"))
    desk.show_all()
    desk.until(lambda: any(row.subject == "Factura pendiente" for row in desk.window.model.rows))
    desk.open(desk.find(lambda row: row.subject == "Factura pendiente"))


def _cards(desk: Desk) -> list[MessageCard]:
    return desk.window.pane.findChildren(MessageCard)


def _words(card: MessageCard) -> str:
    return "\n".join(label.text() for label in card.findChildren(QLabel))


def test_what_speaks_against_a_mail_stands_over_its_text(desk: Desk) -> None:
    head = HEAD.format("fail", "casavedre.example") + "Reply-To: cobros@otro.example\r\n"
    text = "Le adjunto la factura. La contraseña del archivo es 1234."
    _receive(desk, head, "pagos@casavedre.example", text, "factura.pdf.exe", "datos.zip")
    desk.until(lambda: "casaverde.example" in _words(_cards(desk)[0]))
    (card,) = _cards(desk)
    for part in ("cobros@otro.example", "could not confirm", "«factura.pdf.exe»", "«datos.zip»"):
        assert part in _words(card), part
    label = next(one for one in card.findChildren(QLabel) if "cobros" in one.text())
    assert label.isVisible()
    assert label.geometry().bottom() <= card.body.geometry().top()


def test_a_confirmed_sender_is_told_by_a_quiet_mark(desk: Desk) -> None:
    _receive(desk, HEAD.format("pass", "correo.example"), "ana@correo.example", "Hola")
    desk.until(lambda: "correo.example" in _cards(desk)[0].toolTip())
    assert "⚠" not in _words(_cards(desk)[0])


def test_who_was_refused_is_named(desk: Desk) -> None:
    _receive(desk, "", "ana@correo.example", "Hola")
    detail = desk.window.pane.detail
    assert detail is not None
    with desk.app.db.writing(desk.app.agent.id) as s:
        made = replies.queue(s, detail.row.id, "Gracias.", agent_id=desk.app.agent.id, delay=3600, confirmed=("stale",))
        s.get_one(Message, made).delivery = Delivery.SENDING
        s.flush()
        outbox.settle(s, made, Receipt("x", refused=(("luis@otro.example", "550 no such user"),)))
    desk.until(lambda: any("luis@otro.example: 550 no such user" in _words(card) for card in _cards(desk)))


def test_what_is_held_is_sent_only_when_somebody_says_so(desk: Desk) -> None:
    _receive(desk, "", "ana@correo.example", "Hola")
    detail = desk.window.pane.detail
    assert detail is not None
    with desk.app.db.writing(desk.app.agent.id) as s:
        made = replies.queue(s, detail.row.id, "Gracias.", agent_id=desk.app.agent.id, delay=3600, confirmed=("stale",))
        breaker.hold(s.get_one(Message, made))
    desk.until(lambda: any(card.row.id == made for card in _cards(desk)))
    card = next(card for card in _cards(desk) if card.row.id == made)
    buttons = {button.text(): button for button in card.findChildren(QPushButton)}
    assert "Don't send" in buttons
    buttons["Send anyway"].click()

    def passed() -> bool:
        with desk.app.db.reading() as s:
            found = s.get_one(Message, made)
            return found.not_before is not None or found.delivery is not Delivery.QUEUED

    desk.until(passed)
