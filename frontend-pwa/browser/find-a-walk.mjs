// Does in a real browser what a person does, and reports what was seen as one line of JSON.
//
//   node browser/find-a-walk.mjs URL FOLDER [WIDTHxHEIGHT] [light|dark]
//
// Screenshots land in FOLDER. The exit code is 0 when the story could be told to its end; whether
// what was seen is good is for the caller to judge.

import { chromium } from "playwright-core";

const [url, folder, size = "1440x900", scheme = "light"] = process.argv.slice(2);
const [width, height] = size.split("x").map(Number);

/** Runs in the page: how many pixels of the picture are of a strong red. */
async function countRed(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  let red = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at] > 150 && data[at + 1] < 90 && data[at + 2] < 90) red++;
  return red;
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
  ],
});
const seen = { consoleErrors: [], elsewhere: [], failures: [], statuses: [], stops: [] };
try {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(30_000);
  const origin = new URL(url).origin;
  page.on("console", (message) => {
    // A first visit asks who it is and is told 401; the browser writes that down as an error.
    if (message.type() === "error" && !/\b401\b/.test(message.text()))
      seen.consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => seen.consoleErrors.push(String(error)));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (/^https?:$/.test(asked.protocol) && asked.origin !== origin)
      seen.elsewhere.push(asked.href);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) seen.failures.push(`${response.status()} ${response.url()}`);
  });
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      const word = JSON.parse(String(payload));
      if (word.type === "route_generation_status") seen.statuses.push(word.status);
    }),
  );

  await page.goto(url);
  await page.getByRole("button", { name: "Find my walk" }).waitFor();
  await page.locator(".maplibregl-canvas").waitFor();
  // The map is drawn when the browser has been quiet for half a second.
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${folder}/1-plan.png` });

  for (const theme of ["Historic pubs", "Hidden courtyards and closes", "Viewpoints"])
    await page.getByText(theme, { exact: true }).first().click();
  await page.screenshot({ path: `${folder}/2-chosen.png` });

  await page.getByRole("button", { name: "Find my walk" }).click();
  const itinerary = page.getByRole("list", { name: "The walk, stop by stop" });
  await itinerary.waitFor();
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(1500); // the map flies to the walk; there is no event for having looked
  seen.title = await page.locator("#walk-title").textContent();
  seen.stops = await itinerary.locator("h2").allInnerTexts();
  await page.screenshot({ path: `${folder}/3-walk.png` });
  // The line has the accent's colour; only what the map itself painted counts, so all else is hidden.
  await page.addStyleTag({
    content: "body * { visibility: hidden } .maplibregl-canvas { visibility: visible }",
  });
  const painted = await page.locator(".maplibregl-canvas").screenshot({ type: "png" });
  seen.redPixels = await page.evaluate(
    countRed,
    `data:image/png;base64,${painted.toString("base64")}`,
  );
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
