// How the page is built and, while developing, served: everything but the page comes from a running wildside.
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mapStyles } from "./build/map-styles.ts";

const wildside = process.env.WILDSIDE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss(), mapStyles()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // The page itself, and the API's documents at /docs.
    rollupOptions: { input: ["index.html", "docs.html"] },
    // MapLibre and Swagger UI alone are larger than the default warning; both are fetched apart from the page.
    chunkSizeWarningLimit: 1600,
    // Small files as data: addresses would need a wider content security policy.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      "/api": wildside,
      "/api-docs": wildside,
      "/tiles": wildside,
      "/ws": { target: wildside, ws: true },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
