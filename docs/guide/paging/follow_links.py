"""Reads a whole list of the API by following its links: a sample to copy.

python follow_links.py http://127.0.0.1:8080 "/api/v1/users/me/routes?limit=50" "session=…"
"""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx


def each_item(server: str, first: str, cookie: str = "") -> Iterator[dict[str, Any]]:
    """Every item of the list, page by page, in the list's order."""
    link: str | None = first
    while link is not None:
        answer = httpx.get(urljoin(server, link), headers={"Cookie": cookie})
        page = answer.raise_for_status().json()
        yield from page["data"]
        # Absent on the last page. Followed as it is: what is inside is the server's business.
        link = page["links"].get("next")


if __name__ == "__main__":
    for item in each_item(*sys.argv[1:]):
        print(item["id"])
