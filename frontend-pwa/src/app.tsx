// The page: the map below, the paper above it, and what is shown on the paper right now.
import { History, Moon, Sun } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Position } from "./api/shapes";
import { Panel, type SheetHeight } from "./components/panel";
import { PastWalks } from "./components/past-walks";
import { PlaceCard } from "./components/place-card";
import { Planner } from "./components/planner";
import { ProblemNote } from "./components/problem-note";
import { SearchProgress } from "./components/search-progress";
import { useMedia, useTheme } from "./components/use-browser";
import { WalkView } from "./components/walk-view";
import { Wordmark } from "./components/wordmark";
import { canDrawMap } from "./map/webgl";
import type { Guide } from "./state/guide";
import { type PageState, regionOf } from "./state/page";

// The map is four fifths of the code: the paper can be read while it comes.
const CityMap = lazy(() =>
  import("./map/city-map").then((module) => ({ default: module.CityMap })),
);

const PANEL_PIXELS = 440;

export function App({ guide }: { guide: Guide }) {
  const page = useSyncExternalStore(guide.store.listen, guide.store.now);
  const [theme, toggleTheme] = useTheme();
  const [hasMap, setHasMap] = useState(canDrawMap);
  const [height, setHeight] = useState<SheetHeight>("half");
  const region = regionOf(page);

  // A new walk is worth the whole screen; half a sheet leaves room for both.
  const walkId = page.walk?.id;
  useEffect(() => {
    if (walkId !== undefined) setHeight("half");
  }, [walkId]);

  return (
    <div className="page">
      <a href="#panel" className="skip-link">
        Skip the map
      </a>
      <section className="map-frame" aria-label="Map">
        {!hasMap && (
          <p className="no-map">
            This browser cannot draw the map. Everything else works: your walk is described stop by
            stop, and can be downloaded.
            <small>{region?.attribution}</small>
          </p>
        )}
        {hasMap && region !== null && (
          <Suspense fallback={null}>
            <ShownMap
              page={page}
              guide={guide}
              theme={theme}
              height={height}
              onFailed={() => setHasMap(false)}
            />
          </Suspense>
        )}
      </section>
      {page.place !== null && (
        <PlaceCard
          place={page.place}
          themes={page.themes}
          plan={page.plan}
          isPlanning={page.view !== "walk"}
          guide={guide}
        />
      )}
      <Panel
        height={height}
        onHeight={setHeight}
        sheet={`${page.view} ${page.walk?.id}`}
        header={
          <Header page={page} guide={guide} isDark={theme === "dark"} onToggleTheme={toggleTheme} />
        }
        footer={<Footer page={page} guide={guide} />}
      >
        <Shown page={page} guide={guide} hasMap={hasMap} />
      </Panel>
    </div>
  );
}

function ShownMap(props: {
  page: PageState;
  guide: Guide;
  theme: "light" | "dark";
  height: SheetHeight;
  onFailed: () => void;
}) {
  const { page, guide, theme, height } = props;
  const isPhone = useMedia("(max-width: 767px)");
  const withMotion = !useMedia("(prefers-reduced-motion: reduce)");
  const region = regionOf(page);
  const likedIconKeys = useMemo(
    () =>
      page.themes.filter((one) => page.plan.themeIds.includes(one.id)).map((one) => one.icon_key),
    [page.themes, page.plan.themeIds],
  );
  if (region === null) return null;
  const covered = isPhone
    ? { left: 0, bottom: Math.round(innerHeight * (height === "low" ? 0.2 : 0.52)) }
    : { left: PANEL_PIXELS, bottom: 0 };
  const isPlanning = page.view !== "walk";
  const moveStart = (position: Position) =>
    guide.change({ change: "start", start: { position, source: "map" } });
  return (
    <CityMap
      theme={theme}
      region={region}
      start={page.plan.start}
      walk={isPlanning ? null : page.walk}
      chosenStop={page.chosenStop}
      likedIconKeys={likedIconKeys}
      covered={covered}
      withMotion={withMotion}
      onStartMoved={moveStart}
      onGroundChosen={(position) => {
        if (page.place !== null) guide.tell({ event: "place closed" });
        else if (page.view === "plan" && page.search === null) moveStart(position);
      }}
      onPlaceChosen={(placeId) => guide.inspectPlace(placeId)}
      onStopChosen={(position) => guide.tell({ event: "stop chosen", position })}
      onFailed={props.onFailed}
    />
  );
}

function Header(props: {
  page: PageState;
  guide: Guide;
  isDark: boolean;
  onToggleTheme: () => void;
}) {
  const { page, guide } = props;
  return (
    <>
      <div className="flex items-center justify-between gap-2">
        <Wordmark />
        <div className="flex">
          <button
            type="button"
            className="icon-button"
            aria-label="Your walks so far"
            title="Your walks so far"
            aria-pressed={page.view === "past"}
            onClick={() => guide.openPastWalks()}
          >
            <History size={20} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={props.isDark ? "Light colours" : "Dark colours"}
            title={props.isDark ? "Light colours" : "Dark colours"}
            onClick={props.onToggleTheme}
          >
            {props.isDark ? (
              <Sun size={20} aria-hidden="true" />
            ) : (
              <Moon size={20} aria-hidden="true" />
            )}
          </button>
        </div>
      </div>
      {page.regions.length > 1 && page.view === "plan" && (
        <label className="mt-2 flex items-center gap-2 text-ink-soft">
          Walks in
          <select
            className="city-chooser"
            value={page.regionId ?? ""}
            onChange={(event) =>
              guide.tell({ event: "region chosen", regionId: event.target.value })
            }
          >
            {page.regions.map((region) => (
              <option key={region.id} value={region.id}>
                {region.name}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

function Shown({ page, guide, hasMap }: { page: PageState; guide: Guide; hasMap: boolean }) {
  if (!page.isOpen) {
    return page.problem === null ? (
      <p role="status" className="py-6 font-display text-xl italic text-ink-soft">
        Unfolding the map…
      </p>
    ) : null;
  }
  if (page.regions.length === 0) {
    return (
      <p className="py-6 text-lg">
        There is no city here yet. Whoever runs this server can add one with{" "}
        <code className="font-bold">wildside ingest-osm</code>.
      </p>
    );
  }
  if (page.view === "past") return <PastWalks past={page.pastWalks} guide={guide} />;
  if (page.view === "walk" && page.walk !== null) {
    return (
      <WalkView
        key={page.walk.id}
        walk={page.walk}
        isShared={page.walkIsShared}
        themes={page.themes}
        chosenStop={page.chosenStop}
        guide={guide}
      />
    );
  }
  return <Planner page={page} guide={guide} hasMap={hasMap} />;
}

function Footer({ page, guide }: { page: PageState; guide: Guide }) {
  return (
    <>
      {page.problem !== null && (
        <ProblemNote problem={page.problem} onRead={() => guide.tell({ event: "problem read" })} />
      )}
      <MainAction page={page} guide={guide} />
    </>
  );
}

function MainAction({ page, guide }: { page: PageState; guide: Guide }) {
  if (!page.isOpen) {
    if (page.problem === null) return null;
    return (
      <button type="button" className="main-button" onClick={() => location.reload()}>
        Try again
      </button>
    );
  }
  if (page.search !== null) {
    return (
      <SearchProgress
        search={page.search}
        isLive={page.socketIsOpen}
        onStop={() => guide.stopSearch()}
      />
    );
  }
  if (page.view !== "plan") {
    return (
      <button
        type="button"
        className="main-button"
        onClick={() => guide.tell({ event: "view chosen", view: "plan" })}
      >
        Plan another walk
      </button>
    );
  }
  return (
    <button
      type="button"
      className="main-button"
      disabled={page.plan.start === null || page.regions.length === 0}
      onClick={() => guide.findWalk()}
    >
      Find my walk
    </button>
  );
}
