import * as v from 'valibot';
import { Refusal } from './refusal.js';

/** What came in from outside, if it has the declared shape. @throws Refusal bad-request */
export function parse<Value>(schema: v.GenericSchema<unknown, Value>, input: unknown): Value {
  const result = v.safeParse(schema, input);
  if (!result.success) throw new Refusal('bad-request');
  return result.output;
}
