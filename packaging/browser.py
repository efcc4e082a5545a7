#!/usr/bin/env python3
"""browser.py [--org NAME] [--deny] [--log FILE] URL: a stand-in for a user in front of a browser.

Opens the URL, follows redirects, and on a consent page follows the first link, or the one that names
the organization (a name or a UUID; also from SANDBOX_ORG), or with --deny the one that says no. Ends
with 0 if the last page came with status 200. Appends a line of JSON about the visit to FILE (also
from BROWSER_LOG): argv, final_url_without_query, status. For BROWSER or a test; only the standard
library.
"""

import argparse
import html.parser
import http.client
import json
import os
import sys
import urllib.parse

HOPS = 10
PATIENCE = 30  # seconds for any one answer


class Links(html.parser.HTMLParser):
    """The consent links of a page, as (text, href)."""

    def __init__(self, page):
        super().__init__()
        self.found, self.href, self.text = [], None, ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and "consent" in (attributes.get("class") or "").split():
            self.href, self.text = attributes.get("href", ""), ""

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if tag == "a" and self.href is not None:
            self.found.append((self.text.strip(), self.href))
            self.href = None


def fetch(url):
    parts = urllib.parse.urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError("not a URL that a browser opens by itself")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=PATIENCE)
    try:
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection.request("GET", target, headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 (stand-in)"})
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
        return response.status, response.getheader("Location"), response.getheader("Content-Type", ""), body
    finally:
        connection.close()


def choose(links, org, deny):
    """The link to follow; the last one says no."""
    if deny:
        return links[-1][1]
    if not org:
        return links[0][1]
    for text, href in links:
        if org.lower() in text.lower() or org.lower() in href.lower():
            return href
    return None


def visit(url, org, deny):
    """The last URL and its status; 0 for what could not be reached or has no end."""
    for _ in range(HOPS):
        try:
            status, location, kind, body = fetch(url)
        except (OSError, ValueError, http.client.HTTPException) as failure:
            print(f"browser: {failure}", file=sys.stderr)
            return url, 0
        if status in (301, 302, 303, 307, 308) and location:
            url = urllib.parse.urljoin(url, location)
            continue
        links = Links(body).found if status == 200 and kind.startswith("text/html") else []
        href = choose(links, org, deny) if links else None
        if href is None:
            if links:
                print(f"browser: no link for {org}", file=sys.stderr)
            return url, 0 if links else status
        url = urllib.parse.urljoin(url, href)
    print("browser: too many redirects", file=sys.stderr)
    return url, 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split(":")[0])
    parser.add_argument("--org", default=os.environ.get("SANDBOX_ORG", ""))
    parser.add_argument("--deny", action="store_true")
    parser.add_argument("--log", default=os.environ.get("BROWSER_LOG", ""))
    parser.add_argument("url")
    options = parser.parse_args()
    url, status = visit(options.url, options.org, options.deny)
    if options.log:
        line = {"argv": sys.argv, "final_url_without_query": url.partition("?")[0], "status": status}
        with open(options.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
