declare const brand: unique symbol;

/** A value of `Base` that has passed the check which `Name` stands for; only that check makes one. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
