import type { ComponentChildren, JSX } from 'preact';
import { asset } from './assets.js';
import { useWords } from './use-words.js';

export interface PageProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Names of bundled scripts, such as `upload.js`, or paths of others */
  readonly scripts?: readonly string[];
  /** Names of scripts that the next page may need */
  readonly nextScripts?: readonly string[];
  /** Puts the stylesheet into the page, for visitors who may fetch nothing; see `policyForAlone`. */
  readonly isAlone?: boolean;
  /** Where the mark leads, relative to the page */
  readonly home?: string;
  /** Below everything */
  readonly footer?: string;
}

/** A whole page: header, main content and footer. */
export function Page(props: PageProps): JSX.Element {
  const wording = useWords();
  const { title, children, scripts = [], nextScripts = [], isAlone = false } = props;
  const { home = '/', footer = wording.layout.footer } = props;
  return (
    <html lang={wording.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · ${wording.brand.name}`}</title>
        {/* First: they may begin what takes long. */}
        {scripts.map((name) => (
          <script key={name} type="module" src={name.startsWith('/') ? name : asset(name).path} />
        ))}
        {isAlone ? (
          <>
            <link rel="icon" href="data:," />
            <style dangerouslySetInnerHTML={{ __html: styleText() }} />
          </>
        ) : (
          <>
            <link rel="icon" href={iconUrl()} />
            <link rel="stylesheet" href={asset('style.css').path} />
          </>
        )}
        {nextScripts.map((name) => (
          <link key={name} rel="modulepreload" href={asset(name).path} />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          {wording.layout.skip}
        </a>
        <header class="masthead">
          <Brand home={home} />
        </header>
        <main id="main" class="main" tabIndex={-1}>
          {children}
        </main>
        <footer class="footer">
          <p>{footer}</p>
        </footer>
      </body>
    </html>
  );
}

/** As a data: URL, because Firefox would fetch the icon of an onion address by HTTPS. */
function iconUrl(): string {
  return `data:image/svg+xml;base64,${asset('icon.svg').bytes.toString('base64')}`;
}

/** The stylesheet as text, for a page that contains it. */
export function styleText(): string {
  return asset('style.css').bytes.toString('utf8');
}

/** The mark and the name, which link to the start page. */
function Brand({ home }: { readonly home: string }): JSX.Element {
  const wording = useWords();
  return (
    <a class="brand" href={home}>
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect class="mark-ground" width="32" height="32" rx="7" />
        <path class="mark-figure" d="M6 17h20l-3.2 6.2a2 2 0 0 1-1.8 1.1H11a2 2 0 0 1-1.8-1.1z" />
        <path
          class="mark-figure"
          opacity="0.7"
          d="M16 6.5c.6 2.2 5.2 3.7 5.2 8H10.8c0-4.3 4.6-5.8 5.2-8z"
        />
      </svg>
      <span>{wording.brand.name}</span>
    </a>
  );
}
