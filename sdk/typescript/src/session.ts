/** What a session consists of, as signing in and refreshing answer it. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Where the tokens are kept: where the device keeps secrets. */
export interface TokenStore {
  load(): Tokens | undefined | Promise<Tokens | undefined>;
  save(tokens: Tokens | undefined): void | Promise<void>;
}

/** A store that forgets when the page or the process ends. */
export function memoryStore(tokens?: Tokens): TokenStore {
  let kept = tokens;
  return { load: () => kept, save: (next) => void (kept = next) };
}

/** Runs a task while no other party with the same store does. */
export type Exclusive = <T>(task: () => Promise<T>) => Promise<T>;

/** What the session asks the services for. */
export type Refresh = (refreshToken: string) => Promise<Tokens | "ended">;

/**
 * Who is signed in. A refresh token can be used once: a second use ends the session, unless it repeats a request whose
 * answer was lost. So however many calls find the access token expired at once, one refreshes and all wait for it.
 */
export class Session {
  #refreshing: Promise<string | undefined> | undefined;

  constructor(
    private readonly store: TokenStore,
    private readonly refresh: Refresh,
    private readonly exclusive: Exclusive = browserLock,
  ) {}

  /** The access token of now, if someone is signed in. */
  async accessToken(): Promise<string | undefined> {
    // While a new one is on its way the old one is of no use.
    if (this.#refreshing) return this.#refreshing;
    return (await this.store.load())?.access_token;
  }

  /** Keeps what signing in answered; switching the location answers an access token alone. */
  async signedIn(tokens: { access_token: string; refresh_token?: string }): Promise<void> {
    const refresh_token = tokens.refresh_token ?? (await this.store.load())?.refresh_token;
    if (refresh_token === undefined) throw new Error("nobody is signed in whose tokens these could be");
    await this.store.save({ access_token: tokens.access_token, refresh_token });
  }

  /** Forgets the tokens; the session itself is ended by the operation for it. */
  async signedOut(): Promise<void> {
    await this.store.save(undefined);
  }

  /** A token in place of `refused`, which the services did not take; none when the session is over. */
  renewed(refused: string): Promise<string | undefined> {
    this.#refreshing ??= this.exclusive(() => this.#renew(refused)).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #renew(refused: string): Promise<string | undefined> {
    const tokens = await this.store.load();
    if (!tokens) return undefined;
    // Another tab, or a call that was quicker, has renewed it already.
    if (tokens.access_token !== refused) return tokens.access_token;
    const next = await this.refresh(tokens.refresh_token);
    await this.store.save(next === "ended" ? undefined : next);
    return next === "ended" ? undefined : next.access_token;
  }
}

/** One at a time over all tabs of a browser; elsewhere a process is alone with its store. */
const browserLock: Exclusive = (task) => {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  // The types promise the value of the task, whatever it is.
  return locks ? (locks.request("tryzore-refresh", task) as ReturnType<typeof task>) : task();
};
