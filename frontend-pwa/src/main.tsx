// Starts the page: the only file that knows the browser's fetch, socket, clock, storage and address bar.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Client } from "./api/client";
import { App } from "./app";
import "./page.css";
import { ProgressSocket, type Wire } from "./progress/socket";
import { type Arrival, Guide, type NewsParts } from "./state/guide";
import { FIRST_PAGE } from "./state/page";
import { hasWalkedHere, type Memory, recallPlan } from "./state/plan-memory";

function browserMemory(): Memory {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function makeNews(parts: NewsParts): ProgressSocket {
  return new ProgressSocket({
    ...parts,
    connect: (path) => {
      const address = new URL(path, location.href);
      address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(address) as Wire;
    },
    schedule: (task, milliseconds) => {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  });
}

function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has its own hold on the file once the click is through.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A reload shows the walk that was open: its id stands behind the hash, which never reaches a server's log. */
function showAddress(routeId: string | null): void {
  history.replaceState(null, "", routeId === null ? "/" : `/#walk=${routeId}`);
}

function arrival(): Arrival {
  return {
    shareToken: /^\/walk\/([^/]+)/.exec(location.pathname)?.[1],
    routeId: /^#walk=([0-9a-f-]+)$/.exec(location.hash)?.[1],
  };
}

const memory = browserMemory();
const guide = new Guide(
  {
    client: new Client(undefined, () => hasWalkedHere(memory)),
    makeNews,
    sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    memory,
    showAddress,
    saveFile,
  },
  { ...FIRST_PAGE, plan: recallPlan(memory) },
);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App guide={guide} />
  </StrictMode>,
);
void guide.open(arrival());
