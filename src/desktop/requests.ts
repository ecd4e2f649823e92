import * as v from 'valibot';
import { DESKTOP_VERBS, type DesktopVerb, type TaskRequest } from '../pages/desktop/state.js';
import type { DroppedFile } from './dropped-folders.js';

/*
 * What the page asks for, and with which limits. It comes from our own script; what else could send
 * it would be a program that has got hold of the session.
 */

/** Longer than paths of any system */
const PATH_MAX = 4096;
const PATHS_MAX = 10_000;
/** As an invitation may be found in a whole mail */
const INVITATION_MAX = 12_288;
const TEXT_MAX = 1_000_000;
/** Of a request's JSON */
export const BODY_MAX_BYTES = 4_000_000;

const path = v.pipe(v.string(), v.maxLength(PATH_MAX));
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const chosen = {
  paths: v.pipe(v.array(path), v.maxLength(PATHS_MAX)),
  drop: v.exactOptional(id),
};

export const TASK: v.GenericSchema<unknown, TaskRequest> = v.union([
  v.strictObject({ verb: v.literal('send'), keep: v.boolean(), ...chosen }),
  v.strictObject({
    verb: v.literal('send'),
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_MAX)),
  }),
  v.strictObject({
    verb: v.literal('receive'),
    invitation: v.pipe(v.string(), v.minLength(1), v.maxLength(INVITATION_MAX)),
    folder: path,
    isSure: v.boolean(),
  }),
  v.strictObject({ verb: v.literal('share'), ...chosen }),
  v.strictObject({ verb: v.picklist(['inbox', 'site']), folder: path }),
]);

export const NOTHING: v.GenericSchema<unknown, object> = v.strictObject({});
export const ANSWER: v.GenericSchema<unknown, { accepts: boolean }> = v.strictObject({
  accepts: v.boolean(),
});
export const TOKEN: v.GenericSchema<unknown, { token: string }> = v.strictObject({
  token: v.pipe(v.string(), v.maxLength(100)),
});
/** Numbers in paths. */
export const NUMBER: v.GenericSchema<unknown, number> = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,14}$/),
  v.transform(Number),
);
export const LISTING: v.GenericSchema<unknown, { path: string; hidden?: '1' }> = v.strictObject({
  path,
  hidden: v.exactOptional(v.literal('1')),
});
export const DROPPED: v.GenericSchema<unknown, DroppedFile> = v.strictObject({
  root: NUMBER,
  path,
  bytes: v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)),
});
export const FOLDERS: v.GenericSchema<unknown, { root: number; paths: string[] }> = v.strictObject({
  root: id,
  paths: v.pipe(v.array(path), v.maxLength(PATHS_MAX)),
});
/** Of the record of an interrupted transfer */
export const RECORD_ID: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{24}$/),
);
export const VIEW: v.GenericSchema<unknown, { do: DesktopVerb }> = v.object({
  do: v.optional(v.picklist(DESKTOP_VERBS), 'send'),
});
