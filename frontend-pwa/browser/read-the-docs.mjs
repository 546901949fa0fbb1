// Opens /docs in a real browser, tries one operation, and reports what was seen as one line of JSON.
//
//   node browser/read-the-docs.mjs URL FOLDER
//
// A screenshot lands in FOLDER.

import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
const seen = { consoleErrors: [], elsewhere: [], operations: 0, tried: "" };
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
  page.setDefaultTimeout(30_000);
  page.on("console", (message) => {
    if (message.type() === "error") seen.consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => seen.consoleErrors.push(String(error)));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (/^https?:$/.test(asked.protocol) && asked.origin !== new URL(url).origin)
      seen.elsewhere.push(asked.href);
  });
  await page.goto(`${url}/docs`);
  await page.waitForSelector(".opblock");
  seen.operations = await page.locator(".opblock").count();
  await page.click("#operations-catalogue-list_regions .opblock-summary-control");
  await page.click("text=Try it out");
  await page.click(".execute");
  seen.tried = await page
    .locator(".live-responses-table .response-col_status")
    .last()
    .textContent();
  await page.screenshot({ path: `${folder}/docs.png` });
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
