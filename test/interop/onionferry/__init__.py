"""The onionferry protocol, written from docs/protocol.md alone.

Comments give the section of that document. This code exists to test the document. It is not meant
for use: its arithmetic takes a time that depends on secrets.
"""
