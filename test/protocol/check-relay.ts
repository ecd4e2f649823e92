import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import http from '../vectors/relay-http.json' with { type: 'json' };
import streams from '../vectors/relay-streams.json' with { type: 'json' };
import type { Code } from './check-invitations.js';

interface NamedValue {
  readonly name: string;
  readonly value: unknown;
}

/** Sections 4, 5 and 11.1 of docs/protocol.md. */
export function checkRelay(code: Code): void {
  function checkForm(
    what: string,
    schema: v.GenericSchema,
    right: readonly NamedValue[],
    wrong: readonly NamedValue[],
  ): void {
    describe(what, () => {
      test.each(right)('can be: $name', ({ value }) => {
        expect(v.parse(schema, value)).toEqual(value);
      });

      if (wrong.length === 0) return;
      test.each(wrong)('cannot be: $name', ({ value }) => {
        expect(v.safeParse(schema, value).success).toBe(false);
      });
    });
  }

  checkForm('a join', code.joinRequestSchema, http.join, http.joinRefused);
  checkForm('a reply to a join', code.joinReplySchema, http.joinReply, http.joinReplyRefused);
  checkForm('a request to a channel', code.channelRequestSchema, http.channel, http.channelRefused);
  checkForm('a state', code.channelStateSchema, http.state, http.stateRefused);
  const lines = (texts: readonly { name: string; line: string }[]): NamedValue[] =>
    texts.map(({ name, line }) => ({ name, value: json(line) }));
  checkForm('a hello', code.streamHelloSchema, streams.hello, lines(streams.helloRefused));
  checkForm(
    'a hello of a WebSocket',
    code.webSocketHelloSchema,
    streams.webSocketHello,
    streams.webSocketHelloRefused.map(({ name, message }) => ({ name, value: json(message) })),
  );

  describe('errors', () => {
    test.each(http.errors)('$code has status $status', ({ code: name, status, body }) => {
      const { error } = v.parse(code.wireErrorSchema, JSON.parse(body));
      expect(error.code).toBe(name);
      expect(code.statusOf(error.code)).toBe(status);
      expect(JSON.stringify(code.wireErrorOf(error.code))).toBe(body);
    });
  });

  describe('where a backend sends its clients', () => {
    test.each(http.elsewhere)('can be: $name', ({ value }) => {
      expect(code.elsewhereIn(JSON.stringify(value))).toBe(value.error.onion);
    });

    test.each(http.elsewhereRefused)('cannot be: $name', ({ value }) => {
      expect(code.elsewhereIn(JSON.stringify(value))).toBeUndefined();
    });
  });

  test('the streams on which a session begins have these numbers', () => {
    const { leadNumbers } = streams;
    expect(leadNumbers.map((_, attempt) => code.leadNumber(attempt))).toEqual(leadNumbers);
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
