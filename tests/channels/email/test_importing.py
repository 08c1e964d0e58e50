"""Mail in files: what is mail is read, what isn't is named with the reason."""

import io
import zipfile
from pathlib import Path

from inbox.channels.email.importing import FoundMail, find_mails, to_incoming
from tests.channels.email.place import mail


def found(path: Path) -> list[FoundMail]:
    return list(find_mails(path))


def mbox(*mails: bytes) -> bytes:
    line = b"From ana@example.org Mon Nov  2 10:00:00 2026\n"
    return b"".join(line + raw.replace(b"\r\n", b"\n") + b"\n" for raw in mails)


def test_an_mbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    tricky = mail(2, "Text\r\n\r\n>From here on quoted\r\n\r\nFrom Monday on we are closed\r\n\r\nEnd")
    (tmp_path / "old.mbox").write_bytes(mbox(mail(1), tricky, mail(3)))
    messages = [to_incoming(each.raw, ()) for each in found(tmp_path / "old.mbox")]
    assert [message.subject for message in messages] == ["Order 1", "Order 2", "Order 3"]
    assert "\nFrom here on quoted" in messages[1].text
    assert "\nFrom Monday on we are closed" in messages[1].text
    assert [each.number for each in found(tmp_path / "old.mbox")] == [1, 2, 3]


def test_a_maildir_is_read_with_its_folders_and_flags(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / ".Sent"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
    (tmp_path / "cur" / "1.x:2,S").write_bytes(mail(1))
    (tmp_path / "new" / "2.x").write_bytes(mail(2))
    (tmp_path / "tmp" / "3.x").write_bytes(mail(3))
    (tmp_path / "dovecot-uidlist").write_text("3 V1")
    (tmp_path / ".Sent" / "cur" / "4.x:2,").write_bytes(mail(4))
    mails = found(tmp_path)
    assert sorted((to_incoming(each.raw, ()).subject, each.seen) for each in mails) == [
        ("Order 1", True),
        ("Order 2", False),
        ("Order 4", False),
    ]


def test_what_is_no_mail_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(1))
    (tmp_path / "b.txt").write_text("Note: buy milk\n\nand bread")
    (tmp_path / "c.bin").write_bytes(bytes(range(256)))
    (tmp_path / "d.eml").write_bytes(b"")
    results = {each.path.name: each.problem for each in found(tmp_path)}
    assert results["a.eml"] == ""
    assert results["b.txt"] == results["c.bin"] == "It does not begin like a mail."
    assert results["d.eml"] == "The file is empty."
    assert found(tmp_path / "nowhere")[0].problem == "There is no such file."


def test_damaged_mails_in_an_mbox_do_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(mbox(mail(1), b"\x00\xff nothing\n", mail(3)))
    assert [bool(each.problem) for each in found(tmp_path / "x")] == [False, True, False]


def test_real_mailboxes_are_read(shared_data: Path) -> None:
    for path in sorted((shared_data / "threads").glob("*.mbox")):
        assert all(each.raw and not each.problem for each in found(path)), path.name


def test_importing_twice_gives_the_same_ids(tmp_path: Path) -> None:
    (tmp_path / "x.mbox").write_bytes(mbox(mail(1), mail(2)))
    (tmp_path / "y.eml").write_bytes(mail(1))
    ids = [to_incoming(each.raw, ()).remote_id for each in found(tmp_path)]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_a_zip_is_read_as_a_folder_is(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.eml", mail(9))
    with zipfile.ZipFile(tmp_path / "mail.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.eml", mail(1))
        archive.writestr("a/old.mbox", mbox(mail(2), mail(3)))
        archive.writestr("../../2.eml", mail(4))
        archive.writestr("a/.DS_Store", b"x")
        archive.writestr("a/photo.jpg", bytes(range(256)))
        archive.writestr("inner.zip", inner.getvalue())
    mails = found(tmp_path / "mail.zip")
    assert [to_incoming(each.raw, ()).subject for each in mails if each.raw] == [f"Order {n}" for n in (1, 2, 3, 4)]
    assert {each.path.name: each.problem for each in mails if each.problem} == {
        "photo.jpg": "It does not begin like a mail.",
        "inner.zip": "It is a ZIP within a ZIP: unpack it first.",
    }
    assert list(tmp_path.iterdir()) == [tmp_path / "mail.zip"], "nothing is unpacked to the disk"


def test_a_damaged_or_locked_zip_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "cut.zip", "w") as archive:
        archive.writestr("1.eml", mail(1))
    whole = (tmp_path / "cut.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:60])
    (tmp_path / "wrong.zip").write_bytes(whole.replace(b"Order 1", b"Order 7", 1))
    locked = bytearray(whole)
    locked[6] |= 1
    locked[whole.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    assert [found(tmp_path / f"{name}.zip")[0].problem for name in ("cut", "wrong", "locked")] == [
        "The ZIP is damaged.",
        "It is damaged in the ZIP.",
        "It is locked with a password.",
    ]


def test_outlooks_own_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "save the messages as .eml" in found(tmp_path)[0].problem
