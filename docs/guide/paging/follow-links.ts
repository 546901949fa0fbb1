// Reads a whole list of the API by following its links: a sample to copy.
//
//   node follow-links.js http://127.0.0.1:8080 "/api/v1/users/me/routes?limit=50" "session=…"

interface Page<Item> {
  data: Item[];
  limit: number;
  links: { self: string; next?: string; prev?: string };
}

/** Every item of the list, page by page, in the list's order. */
export async function* eachItem<Item>(server: string, first: string, cookie = ""): AsyncGenerator<Item> {
  let link: string | undefined = first;
  while (link !== undefined) {
    const answer: Response = await fetch(new URL(link, server), { headers: { Cookie: cookie } });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as Page<Item>;
    yield* page.data;
    // Absent on the last page. Followed as it is: what is inside is the server's business.
    link = page.links.next;
  }
}

const [server = "", first = "", cookie = ""] = process.argv.slice(2);
for await (const item of eachItem<{ id: string | number }>(server, first, cookie)) console.log(item.id);
