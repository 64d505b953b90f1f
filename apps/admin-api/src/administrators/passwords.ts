import { hash, verify } from '@node-rs/argon2';

/** Argon2id, 19 MiB, two rounds: what OWASP recommends, and the library's default. */
export const hashOfPassword = (password: string): Promise<string> => hash(password);

/** Of nobody's password: so that a login of somebody unknown takes as long as another. */
const NOBODY = hash('nobody has this password');

export async function isPassword(
  stored: string | null | undefined,
  given: string,
): Promise<boolean> {
  const isRight = await verify(stored ?? (await NOBODY), given);
  return isRight && stored != null;
}
