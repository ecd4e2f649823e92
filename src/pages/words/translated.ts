/** The same texts in another language: none is missing, and each takes the same parameters. */
export type Translated<T> = T extends string
  ? string
  : T extends (...parameters: infer Parameters) => string
    ? (...parameters: Parameters) => string
    : { readonly [Name in keyof T]: Translated<T[Name]> };
