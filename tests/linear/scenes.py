# SPDX-License-Identifier: BSD-3-Clause
"""What an attacker would send: each scene of a size `n`, and twice of it with twice as much."""
import base64

from capture import Flow

SCENES = {}


def scene(begin):
    """Names a scene by its function, and says at which n it begins."""
    def register(function):
        SCENES[function.__name__] = (function, begin)
        return function
    return register


def greeted(port=25):
    flow = Flow(port).server(b"220 mail.example.org ESMTP\r\n").client(b"EHLO c.example.net\r\n")
    return flow.server(b"250-mail.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 CHUNKING\r\n")


def mail(octets, segment=1400):
    flow = greeted().client(b"MAIL FROM:<a@example.net>\r\n").server(b"250 ok\r\n")
    flow.client(b"RCPT TO:<b@example.org>\r\n").server(b"250 ok\r\n")
    flow.client(b"DATA\r\n").server(b"354 go\r\n").client(octets + b"\r\n.\r\n", segment)
    return flow.server(b"250 2.0.0 Ok: queued as 4711\r\n").end()


def pop3(*talk):
    flow = Flow(110).server(b"+OK ready\r\n")
    for number, octets in enumerate(talk):
        (flow.server if number % 2 else flow.client)(octets)
    return flow.end()


def typed(kind, body, fields=b""):
    return mail(b"From: a@b.example\r\nContent-Type: " + kind + b"\r\n" + fields + b"\r\n" + body)


@scene(1000)
def header_fields(n):
    return mail(b"".join(b"X-Field-%d: value of it\r\n" % i for i in range(n)) + b"\r\nbody")


@scene(1000)
def known_fields(n):
    return mail(b"Subject: again\r\nTo: a@b.example\r\nReceived: from x by y\r\n" * n + b"\r\nbody")


@scene(1000)
def folded_field(n):
    return mail(b"Subject: a\r\n" + b" folded and folded again\r\n" * n + b"\r\nbody")


@scene(20000)
def long_field(n):
    return mail(b"Subject: " + b"x" * n + b"\r\n\r\nbody")


@scene(20000)
def header_without_end(n):
    return mail(b"x" * n)


@scene(500)
def addresses(n):
    return mail(b"To: " + b",\r\n ".join(b"\"A, %d\" <a%d@example.org>" % (i, i) for i in range(n))
                + b"\r\n\r\nbody")


@scene(2000)
def nested_comments(n):
    return mail(b"To: " + b"(" * n + b")" * n + b" a@example.org\r\n\r\nbody")


@scene(300)
def encoded_words(n):
    return mail(b"Subject:" + b"\r\n =?utf-8?q?=C3=A4_word?=" * n + b"\r\n\r\nbody")


@scene(2000)
def almost_encoded_words(n):
    return mail(b"Subject: " + b"=?" * n + b"\r\n\r\nbody")


@scene(300)
def references(n):
    return mail(b"References:" + b"".join(b"\r\n <%d@example.net>" % i for i in range(n))
                + b"\r\n\r\nbody")


@scene(200)
def name_in_pieces(n):
    pieces = b"".join(b";\r\n filename*%d=\"piece%d\"" % (i, i) for i in range(n))
    return typed(b"application/pdf", b"%PDF", b"Content-Disposition: attachment" + pieces + b"\r\n")


@scene(300)
def parts(n):
    return typed(b"multipart/mixed; boundary=b", b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * n)


@scene(300)
def attachments(n):
    return typed(b"multipart/mixed; boundary=b", b"".join(
        b"--b\r\nContent-Type: image/png; name=f%d.png\r\n\r\nx\r\n" % i for i in range(n)))


@scene(200)
def depth(n):
    return typed(b"multipart/mixed; boundary=b0", b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (i, i + 1)
        for i in range(n)))


@scene(200)
def letters_in_letters(n):
    return typed(b"message/rfc822", b"Content-Type: message/rfc822\r\n\r\n" * n + b"x")


@scene(20000)
def long_boundary(n):
    name = b"b" * n
    return typed(b"multipart/mixed; boundary=" + name, b"--" + name + b"\r\n\r\nx\r\n")


@scene(5000)
def almost_boundaries(n):
    name = b"b" * 60
    return typed(b"multipart/mixed; boundary=" + name + b"c", (b"--" + name + b"\r\n") * n)


@scene(20000)
def empty_lines(n):
    return mail(b"\r\n" * n)


@scene(20000)
def lines_of_dots(n):
    return mail(b"\r\n" + b"..\r\n" * n)


@scene(10000)
def false_ends(n):
    return mail(b"\r\n" + b"x\n.\n\r.\r" * n)


@scene(40000)
def bare_cr(n):
    return mail(b"\r\n" + b"\r" * n)


@scene(40000)
def one_line(n):
    return mail(b"\r\n" + b"x" * n)


@scene(2000)
def urls(n):
    return typed(b"text/plain", b"".join(b"see http://host%d.example/path\r\n" % i
                                         for i in range(n)))


@scene(5000)
def almost_urls(n):
    return typed(b"text/html", b"http://" * n)


@scene(5000)
def markup(n):
    return typed(b"text/html", b"<a href=\"http:" * n)


@scene(2000)
def base64_lines(n):
    line = base64.b64encode(b"http://e.example/ " * 3) + b"\r\n"
    return typed(b"text/plain", line * n, b"Content-Transfer-Encoding: base64\r\n")


@scene(20000)
def base64_noise(n):
    return typed(b"image/png", b"=!A" * n, b"Content-Transfer-Encoding: base64\r\n")


@scene(20000)
def quoted_printable(n):
    return typed(b"text/plain", b"==3D \r\n" * n,
                 b"Content-Transfer-Encoding: quoted-printable\r\n")


@scene(2000)
def uuencode(n):
    return mail(b"\r\nbegin 644 file\r\n" + b"#86)C\r\n" * n + b"`\r\nend\r\n")


@scene(2000)
def uuencode_begins(n):
    return mail(b"\r\n" + b"begin 644 file\r\n#86)C\r\n" * n)


@scene(3000)
def one_octet_segments(n):
    return mail(b"Subject: x\r\n\r\n" + b"y" * n, 1)


@scene(500)
def recipients(n):
    flow = greeted().client(b"MAIL FROM:<a@example.net>\r\n").server(b"250 ok\r\n")
    for i in range(n):
        flow.client(b"RCPT TO:<b%d@example.org>\r\n" % i).server(b"250 ok\r\n")
    return flow.client(b"QUIT\r\n").server(b"221 bye\r\n").end()


@scene(500)
def pipelined_recipients(n):
    flow = greeted().client(b"MAIL FROM:<a@example.net>\r\n" + b"".join(
        b"RCPT TO:<b%d@example.org>\r\n" % i for i in range(n)))
    return flow.server(b"250 ok\r\n" + b"550 no\r\n" * n).end()


@scene(500)
def transactions(n):
    flow = greeted()
    for _ in range(n):
        flow.client(b"MAIL FROM:<a@example.net>\r\n").server(b"250 ok\r\n")
        flow.client(b"RSET\r\n").server(b"250 ok\r\n")
    return flow.end()


@scene(2000)
def unanswered_commands(n):
    return greeted().client(b"NOOP\r\n" * n).server(b"250 ok\r\n" * n).end()


@scene(2000)
def unasked_replies(n):
    return greeted().server(b"250 ok\r\n" * n).end()


@scene(2000)
def unknown_commands(n):
    return greeted().client(b"FROB nicate\r\n" * n).server(b"500 no\r\n" * n).end()


@scene(500)
def logins(n):
    flow = greeted(587)
    for i in range(n):
        blob = base64.b64encode(b"\0user%d\0secret" % i)
        flow.client(b"AUTH PLAIN " + blob + b"\r\n").server(b"535 no\r\n")
    return flow.end()


@scene(2000)
def login_lines(n):
    return greeted(587).client(b"AUTH LOGIN\r\n").server(b"334 x\r\n").client(b"QUJD\r\n" * n).end()


@scene(2000)
def reply_lines(n):
    flow = Flow(25).server(b"220 mail.example.org ESMTP\r\n").client(b"EHLO c.example.net\r\n")
    return flow.server(b"250-mail.example.org\r\n" + b"250-X-EXTENSION\r\n" * n + b"250 HELP\r\n").end()


@scene(40000)
def long_reply(n):
    return greeted().client(b"NOOP\r\n").server(b"250 " + b"x" * n + b"\r\n").end()


@scene(40000)
def long_command(n):
    return greeted().client(b"MAIL FROM:<" + b"x" * n + b"@example.net>\r\n").server(
        b"500 no\r\n").end()


@scene(500)
def parameters(n):
    return greeted().client(b"MAIL FROM:<a@b>" + b" X=Y" * n + b"\r\n").server(b"555 no\r\n").end()


@scene(1000)
def chunks(n):
    flow = greeted().client(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
    flow.server(b"250 ok\r\n250 ok\r\n").client(b"BDAT 1\r\nx" * n + b"BDAT 0 LAST\r\n")
    return flow.server(b"250 ok\r\n" * (n + 1)).end()


@scene(2000)
def mailbox_list(n):
    listing = b"".join(b"%d 100\r\n" % i for i in range(1, n + 1))
    return pop3(b"LIST\r\n", b"+OK\r\n" + listing + b".\r\n", b"UIDL\r\n",
                b"+OK\r\n" + listing + b".\r\n")


@scene(300)
def retrieved(n):
    message = b"+OK 30 octets\r\nFrom: a@b.example\r\n\r\nhello\r\n.\r\n"
    return pop3(*(word for i in range(1, n + 1) for word in (b"RETR %d\r\n" % i, message)))


@scene(2000)
def pipelined_pop3(n):
    return pop3(b"NOOP\r\n" * n, b"+OK\r\n" * n)


@scene(2000)
def passwords(n):
    return pop3(b"USER bob\r\nPASS guess\r\n" * n, b"+OK\r\n-ERR\r\n" * n)


@scene(200)
def flows(n):
    return [frame for i in range(n) for frame in
            Flow(25, i).server(b"220 mail.example.org ESMTP\r\n").client(b"QUIT\r\n").end()]


@scene(1000)
def backwards(n):
    """Every segment of a message in reverse order, within what reassembly keeps."""
    frames = mail(b"Subject: x\r\n\r\n" + b"z" * 20 * n, 20)
    body = [frame for frame in frames if len(frame) == 54 + 20]
    where = [at for at, frame in enumerate(frames) if len(frame) == 54 + 20]
    for at, frame in zip(where, reversed(body)):
        frames[at] = frame
    return frames
