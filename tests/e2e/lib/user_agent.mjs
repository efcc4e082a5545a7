// What a browser does as far as signing in goes: it follows redirects and keeps cookies.
const hops = 10;
const patience = 20_000;

export class UserAgent {
  #jars = new Map();  // of cookies, by host as browsers have it: whatever the port

  /** The page one ends up at, as { url, status, text }. `form`, if given, is posted. */
  async visit(from, form) {
    let url = new URL(from);
    for (let hop = 0; hop <= hops; hop++) {
      const response = await this.#fetch(url, hop === 0 ? form : undefined);
      const { status } = response;
      const next = response.headers.get('location');
      const text = await response.text();
      if (status < 300 || status >= 400 || !next) return { url: url.href, status, text };
      url = new URL(next, url);
    }
    throw new Error(`more than ${hops} redirects`);
  }

  async #fetch(url, form) {
    const jar = this.#jars.get(url.hostname) ?? new Map();
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: { accept: 'text/html', ...(cookie && { cookie }) },
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    for (const field of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(field);
      jar.set(name, value);
    }
    this.#jars.set(url.hostname, jar);
    return response;
  }
}
