// The API's types, generated from spec/openapi.json by `npm run types`. Do not edit.

export interface paths {
    "/api-docs/asyncapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The socket's document
         * @description The AsyncAPI document.
         */
        get: operations["asyncapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-docs/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document
         * @description The OpenAPI document.
         */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/enrichment/provenance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was enriched from where
         * @description What was enriched from where, newest first.
         */
        get: operations["list_enrichment_provenance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs, the dead letters above all
         * @description Jobs in one state, newest first.
         */
        get: operations["list_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs/{job_id}/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a dead letter's job again
         * @description A dead letter's job tried again from its first attempt; answers with the letter as it was.
         */
        post: operations["requeue_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/interest-themes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What one can like
         * @description Every theme on offer.
         */
        get: operations["list_interest_themes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description The account with a fresh session; what is wrong is not told.
         */
        post: operations["log_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave
         * @description Both cookies cleared.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pois": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Places in a box
         * @description Places in a box with some themes, a page at a time.
         */
        get: operations["list_places"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pois/{poi_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One place in full
         * @description One place in full.
         */
        get: operations["get_place"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where one can walk
         * @description Every ingested region.
         */
        get: operations["list_regions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a walk
         * @description A wish accepted: a request to follow, or a walk at once where an equal one is known.
         */
        post: operations["request_route"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes/{route_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A walk in full
         * @description The walk in the form asked for, for its owner or whoever has a link to it.
         */
        get: operations["get_route"];
        put?: never;
        post?: never;
        /**
         * Forget a walk
         * @description The walk forgotten.
         */
        delete: operations["delete_route"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes/{route_id}/saved": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Save a walk
         * @description The walk among the saved ones.
         */
        put: operations["save_route"];
        post?: never;
        /**
         * Take a walk from the saved ones
         * @description The walk no longer among the saved ones.
         */
        delete: operations["unsave_route"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes/{route_id}/share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Share a walk by a link
         * @description A new link to the walk; earlier ones lead there still.
         */
        post: operations["share_route"];
        /**
         * Revoke every link to a walk
         * @description No link leads to the walk any more.
         */
        delete: operations["unshare_route"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes/{route_id}/tile-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A token for a walk's tiles
         * @description A token by which a map draws the walk without a cookie.
         */
        post: operations["create_tile_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes/status/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far a request has come
         * @description How far a request has come.
         */
        get: operations["get_request_status"];
        put?: never;
        post?: never;
        /**
         * Cancel a request
         * @description A request that shall not be answered any more.
         */
        delete: operations["cancel_request"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Trade the walker cookie for a session
         * @description A fresh session for the anonymous walker of the walker cookie, which begins its half year anew.
         */
        post: operations["resume_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/shared/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A walk shared by a link
         * @description The walk behind a link, in the form asked for.
         */
        get: operations["get_shared_route"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everybody
         * @description Everybody, oldest first.
         */
        get: operations["list_users"];
        put?: never;
        /**
         * Arrive as an anonymous walker, or make an account
         * @description A new walker with their cookies.
         */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Somebody
         * @description Somebody.
         */
        get: operations["get_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change somebody's name, role or admission
         * @description Somebody with another name, role or admission; whoever is disabled is signed out.
         */
        patch: operations["change_user"];
        trace?: never;
    };
    "/api/v1/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I
         * @description The walker; the edge has just read them.
         */
        get: operations["get_me"];
        put?: never;
        post?: never;
        /**
         * Erase me
         * @description Everything kept about the walker is forgotten; cookies and sockets stop working at once.
         */
        delete: operations["erase_me"];
        options?: never;
        head?: never;
        /**
         * Change name or preferences, claim an account, change the password
         * @description Another name, other preferences, an account claimed or its password changed.
         */
        patch: operations["change_me"];
        trace?: never;
    };
    "/api/v1/users/me/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything kept about me
         * @description Everything kept about the walker.
         */
        get: operations["export_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me/interests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Choose interests
         * @description Other interests.
         */
        put: operations["choose_interests"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My walks, newest first
         * @description The walker's walks, newest first.
         */
        get: operations["list_my_routes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/debug/actors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The tree of actors
         * @description The living tree of actors, as text or, where asked for, as JSON.
         */
        get: operations["debug_actors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document for people
         * @description The OpenAPI document for people: Swagger UI where the page was built, else a plain page.
         */
        get: operations["docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alive
         * @description The same under Kubernetes's usual name.
         */
        get: operations["health_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ready
         * @description Ready: storage, queue and engine answer, and nobody has asked the server to go.
         */
        get: operations["health_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alive
         * @description Alive: the event loop turns.
         */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics
         * @description Prometheus's exposition.
         */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tiles/{source}.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a source's tiles are
         * @description Where a source's tiles are, by addresses that change with their content.
         */
        get: operations["get_tile_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tiles/base/{z}/{x}/{y}.pbf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tile of the base map
         * @description One tile of the base map.
         */
        get: operations["get_base_tile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tiles/pois/{z}/{x}/{y}.pbf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The places of a tile
         * @description The places of one tile.
         */
        get: operations["get_place_tile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tiles/routes/{route_id}/{z}/{x}/{y}.pbf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tile of a walk
         * @description The part of the walk that lies in the tile.
         */
        get: operations["get_route_tile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tiles/style/{style}.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The map's style
         * @description The map's style as the page was built with it.
         */
        get: operations["get_style"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AcceptedShape
         * @description A wish accepted, and where to ask how it comes along.
         * @example {
         *       "request_id": "5b0e8c9a-6a0c-4c39-8a1b-7d5f3a9c1e22",
         *       "status": "pending",
         *       "status_url": "/api/v1/routes/status/5b0e8c9a-6a0c-4c39-8a1b-7d5f3a9c1e22"
         *     }
         */
        AcceptedShape: {
            /** Format: uuid */
            request_id: string;
            /** @enum {unknown} */
            status: "complete" | "failed" | "in_progress" | "pending";
            status_url: string;
        };
        /**
         * AccessibilityShape
         * @description What a walker's legs and eyes want.
         */
        AccessibilityShape: {
            /** @default false */
            avoid_stairs?: boolean;
            /** @default false */
            prefer_well_lit?: boolean;
        };
        /**
         * AliveShape
         * @description The process answers.
         */
        AliveShape: {
            /** @enum {unknown} */
            status: "alive";
        };
        /**
         * BoundsShape
         * @description A box in degrees.
         */
        BoundsShape: {
            east: number;
            north: number;
            south: number;
            west: number;
        };
        /**
         * EnrichmentShape
         * @description One answer of somebody else's that was taken in.
         */
        EnrichmentShape: {
            bounds: components["schemas"]["BoundsShape"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            created_at: string;
            /** Format: uuid */
            id: string;
            place_count: number;
            source: string;
            source_url: string;
        };
        /**
         * ExportedRequestShape
         * @description A wish, and what became of it.
         */
        ExportedRequestShape: {
            /** @default null */
            error?: string | null;
            /** Format: uuid */
            request_id: string;
            /** @default null */
            route_id?: string | null;
            /** @enum {unknown} */
            status: "complete" | "failed" | "in_progress" | "pending";
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            updated_at: string;
            wish: Record<string, unknown>;
        };
        /**
         * ExportedShareShape
         * @description A link to a walk; the link itself is not kept.
         */
        ExportedShareShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            expires_at: string;
            /** Format: uuid */
            route_id: string;
        };
        /**
         * ExportShape
         * @description Everything kept about a walker.
         */
        ExportShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            exported_at: string;
            has_password: boolean;
            requests: components["schemas"]["ExportedRequestShape"][];
            role: components["schemas"]["Role"];
            routes: components["schemas"]["RouteShape"][];
            shares: components["schemas"]["ExportedShareShape"][];
            user: components["schemas"]["UserShape"];
        };
        /**
         * Fault
         * @description One field at fault: its path in the request, a stable code, a sentence.
         */
        Fault: {
            code: string;
            field: string;
            message: string;
        };
        /**
         * InstructionShape
         * @description One thing to do on a leg.
         */
        InstructionShape: {
            distance_metres: number;
            manoeuvre: string;
            street: string | null;
            text: string;
        };
        /**
         * InterestsShape
         * @description What somebody likes; with `expected_revision`, only if nobody changed the profile meanwhile.
         * @example {
         *       "interest_theme_ids": [
         *         "1d0c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c44"
         *       ],
         *       "expected_revision": 1
         *     }
         */
        InterestsShape: {
            /** @default null */
            expected_revision?: number | null;
            interest_theme_ids: string[];
        };
        /**
         * JobKind
         * @description What is to be done; each kind has its queue, best first.
         * @enum {unknown}
         */
        JobKind: "Enrichment" | "GenerateRoute" | "Maintenance";
        /**
         * JobShape
         * @description A job as administrators see it.
         */
        JobShape: {
            attempt: number;
            /** @default null */
            error?: string | null;
            /** Format: uuid */
            id: string;
            key: string;
            payload: Record<string, unknown>;
            queue: components["schemas"]["JobKind"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            since: string;
            state: components["schemas"]["JobState"];
            /** @default null */
            trace_id?: string | null;
        };
        /**
         * JobState
         * @description Where a job is.
         * @enum {unknown}
         */
        JobState: "dead" | "delayed" | "running" | "waiting";
        /**
         * LegShape
         * @description From one position to the next; 0 is the start.
         */
        LegShape: {
            distance_metres: number;
            from_position: number;
            instructions: components["schemas"]["InstructionShape"][];
            path: components["schemas"]["LineShape"];
            to_position: number;
            walking_seconds: number;
        };
        /**
         * LineShape
         * @description A GeoJSON LineString.
         */
        LineShape: {
            coordinates: [
                number,
                number
            ][];
            /** @enum {unknown} */
            type: "LineString";
        };
        /**
         * Links
         * @description Where a page's neighbours are: followed, never built.
         */
        Links: {
            /** @default null */
            next?: string | null;
            /** @default null */
            prev?: string | null;
            self: string;
        };
        /**
         * ListShape[RegionShape]
         * @description A list that is short enough to come whole.
         */
        ListShape_RegionShape_: {
            data: components["schemas"]["RegionShape"][];
        };
        /**
         * ListShape[ThemeShape]
         * @description A list that is short enough to come whole.
         */
        ListShape_ThemeShape_: {
            data: components["schemas"]["ThemeShape"][];
        };
        /**
         * Login
         * @description Somebody who comes back to their account.
         * @example {
         *       "username": "muriel",
         *       "password": "a-long-way-to-arthurs-seat"
         *     }
         */
        Login: {
            password: string;
            username: string;
        };
        /**
         * NewWalker
         * @description Somebody who arrives: with a username and a password an account, else anonymous.
         * @example {
         *       "display_name": "Muriel"
         *     }
         */
        NewWalker: {
            /** @default null */
            display_name?: string | null;
            /** @default null */
            password?: string | null;
            /** @default null */
            username?: string | null;
        };
        /**
         * PageShape[EnrichmentShape]
         * @description One page of a list, in order.
         */
        PageShape_EnrichmentShape_: {
            data: components["schemas"]["EnrichmentShape"][];
            limit: number;
            links: components["schemas"]["Links"];
        };
        /**
         * PageShape[JobShape]
         * @description One page of a list, in order.
         */
        PageShape_JobShape_: {
            data: components["schemas"]["JobShape"][];
            limit: number;
            links: components["schemas"]["Links"];
        };
        /**
         * PageShape[PersonShape]
         * @description One page of a list, in order.
         */
        PageShape_PersonShape_: {
            data: components["schemas"]["PersonShape"][];
            limit: number;
            links: components["schemas"]["Links"];
        };
        /**
         * PageShape[PlaceShape]
         * @description One page of a list, in order.
         */
        PageShape_PlaceShape_: {
            data: components["schemas"]["PlaceShape"][];
            limit: number;
            links: components["schemas"]["Links"];
        };
        /**
         * PageShape[RouteSummaryShape]
         * @description One page of a list, in order.
         */
        PageShape_RouteSummaryShape_: {
            data: components["schemas"]["RouteSummaryShape"][];
            limit: number;
            links: components["schemas"]["Links"];
        };
        /**
         * PersonShape
         * @description Somebody as administrators see them.
         */
        PersonShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            created_at: string;
            /** @description cannot sign in and has no session */
            disabled: boolean;
            display_name: string;
            /** Format: uuid */
            id: string;
            interest_theme_ids: string[];
            preferences: components["schemas"]["PreferencesShape"];
            revision: number;
            role: components["schemas"]["Role"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            updated_at: string;
            /** @default null */
            username?: string | null;
        };
        /**
         * PlaceShape
         * @description A place worth a look.
         */
        PlaceShape: {
            id: number;
            location: components["schemas"]["PointShape"];
            name: string;
            names: {
                [key: string]: string;
            };
            /** @default null */
            narrative?: string | null;
            /** @default null */
            opening_hours?: string | null;
            osm_id: number;
            /** @enum {unknown} */
            osm_type: "node" | "relation" | "way";
            popularity_score: number;
            tags: {
                [key: string]: string;
            };
            themes: string[];
            /** @default null */
            wikidata?: string | null;
        };
        /**
         * PointShape
         * @description A GeoJSON Point.
         * @example {
         *       "type": "Point",
         *       "coordinates": [
         *         -3.1883,
         *         55.9533
         *       ]
         *     }
         */
        PointShape: {
            /** @description longitude, latitude (WGS 84) */
            coordinates: [
                number,
                number
            ];
            /** @enum {unknown} */
            type: "Point";
        };
        /**
         * PreferencesChange
         * @description What to change of the preferences; absent stays.
         */
        PreferencesChange: {
            /** @default null */
            language?: string | null;
            /** @default null */
            units?: components["schemas"]["Units"] | null;
            /** @default null */
            walking_speed_kmh?: number | null;
        };
        /**
         * PreferencesShape
         * @description How somebody likes to be told, and how fast they walk.
         */
        PreferencesShape: {
            language: string;
            units: components["schemas"]["Units"];
            walking_speed_kmh: number;
        };
        /**
         * Problem
         * @description The body of every error.
         * @example {
         *       "code": "invalid_request",
         *       "message": "duration_minutes is required",
         *       "trace_id": "3f0d7a0e-8a55-4b5e-9c0f-0d5d8d8d0a11",
         *       "details": [
         *         {
         *           "field": "duration_minutes",
         *           "code": "required",
         *           "message": "duration_minutes is required"
         *         }
         *       ]
         *     }
         */
        Problem: {
            code: string;
            /** @default null */
            details?: components["schemas"]["Fault"][] | {
                [key: string]: string | number;
            } | null;
            message: string;
            /** Format: uuid */
            trace_id: string;
        };
        /**
         * ProfileChangeShape
         * @description What to change of the profile; absent stays.
         *
         *         An anonymous walker claims an account with `username` and `password`; an account changes its
         *         `password` by giving the `current_password` too.
         * @example {
         *       "preferences": {
         *         "units": "imperial"
         *       }
         *     }
         */
        ProfileChangeShape: {
            /** @default null */
            current_password?: string | null;
            /** @default null */
            display_name?: string | null;
            /** @default null */
            password?: string | null;
            /** @default null */
            preferences?: components["schemas"]["PreferencesChange"] | null;
            /** @default null */
            username?: string | null;
        };
        /**
         * ReadyShape
         * @description Whether walkers can be served, and what is in the way by name.
         */
        ReadyShape: {
            reasons: {
                [key: string]: string;
            };
            /** @enum {unknown} */
            status: "not_ready" | "ready";
        };
        /**
         * RegionShape
         * @description An ingested piece of the map; `bounds` are west, south, east, north.
         */
        RegionShape: {
            attribution: string;
            bounds: [
                number,
                number,
                number,
                number
            ];
            centre: components["schemas"]["PointShape"];
            data_timestamp: string | null;
            id: string;
            name: string;
        };
        /**
         * Role
         * @description What somebody may do beyond their own things.
         * @enum {unknown}
         */
        Role: "admin" | "walker";
        /**
         * RouteShape
         * @description A walk in full.
         */
        RouteShape: {
            attribution: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            created_at: string;
            engine_version: string;
            generation_params: Record<string, unknown>;
            /** Format: uuid */
            id: string;
            legs: components["schemas"]["LegShape"][];
            path: components["schemas"]["LineShape"];
            region: string;
            /** Format: uuid */
            request_id: string;
            saved: boolean;
            stops: components["schemas"]["StopShape"][];
            summary: components["schemas"]["SummaryShape"];
            truncated: boolean;
            warnings: string[];
        };
        /**
         * RouteSummaryShape
         * @description A walk in one line.
         */
        RouteSummaryShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            created_at: string;
            generation_params: Record<string, unknown>;
            /** Format: uuid */
            id: string;
            region: string;
            /** Format: uuid */
            request_id: string;
            saved: boolean;
            stop_names: string[];
            summary: components["schemas"]["SummaryShape"];
            warnings: string[];
        };
        /**
         * ShareShape
         * @description A link to a walk: the page at `url`, its data at `/api/v1/shared/{token}`.
         */
        ShareShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            expires_at: string;
            token: string;
            url: string;
        };
        /**
         * StandingShape
         * @description What to change of somebody; absent stays.
         * @example {
         *       "display_name": "Muriel",
         *       "role": "walker",
         *       "disabled": false
         *     }
         */
        StandingShape: {
            /** @default null */
            disabled?: boolean | null;
            /** @default null */
            display_name?: string | null;
            /** @default null */
            role?: components["schemas"]["Role"] | null;
        };
        /**
         * StatusShape
         * @description How far a request has come.
         * @example {
         *       "request_id": "5b0e8c9a-6a0c-4c39-8a1b-7d5f3a9c1e22",
         *       "status": "complete",
         *       "progress": 100,
         *       "updated_at": "2026-03-01T09:30:00.000000Z",
         *       "route_id": "0c9f6f3d-7a1b-4b6e-8f1d-2f6a4c8e9b33"
         *     }
         */
        StatusShape: {
            /** @default null */
            error?: string | null;
            progress: number;
            /** Format: uuid */
            request_id: string;
            /** @default null */
            route_id?: string | null;
            /** @enum {unknown} */
            status: "complete" | "failed" | "in_progress" | "pending";
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            updated_at: string;
        };
        /**
         * StopShape
         * @description A visit.
         */
        StopShape: {
            arrival_offset_seconds: number;
            location: components["schemas"]["PointShape"];
            poi: components["schemas"]["PlaceShape"];
            position: number;
            score: number;
            visit_seconds: number;
            why: string[];
        };
        /**
         * SummaryShape
         * @description What a walk adds up to.
         */
        SummaryShape: {
            /** @default null */
            ascent_metres?: number | null;
            distance_metres: number;
            overlap_ratio: number;
            score: number;
            stop_count: number;
            total_seconds: number;
            visiting_seconds: number;
            waiting_seconds: number;
            walking_seconds: number;
        };
        /**
         * ThemeShape
         * @description An interest a walker may choose.
         */
        ThemeShape: {
            description: string;
            icon_key: string;
            /** Format: uuid */
            id: string;
            name: string;
        };
        /**
         * TileJson
         * @description TileJSON 3.0.0 (https://github.com/mapbox/tilejson-spec), as far as maps need it.
         */
        TileJson: {
            attribution: string;
            bounds: number[];
            maxzoom: number;
            minzoom: number;
            name: string;
            scheme: string;
            tilejson: string;
            tiles: string[];
        };
        /**
         * TileTokenShape
         * @description A token for the tiles of one walk.
         */
        TileTokenShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            expires_at: string;
            token: string;
        };
        /**
         * Units
         * @description How distances are shown.
         * @enum {unknown}
         */
        Units: "imperial" | "metric";
        /**
         * UserShape
         * @description A walker as they see themselves.
         * @example {
         *       "id": "8f7c3b1e-0a55-4f3c-9a58-4d1d6a3e2b10",
         *       "display_name": "Walker",
         *       "interest_theme_ids": [
         *         "1d0c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c44"
         *       ],
         *       "preferences": {
         *         "units": "metric",
         *         "language": "en",
         *         "walking_speed_kmh": 4.8
         *       },
         *       "created_at": "2026-03-01T09:30:00.000000Z",
         *       "updated_at": "2026-03-01T09:30:00.000000Z",
         *       "revision": 1
         *     }
         */
        UserShape: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            created_at: string;
            display_name: string;
            /** Format: uuid */
            id: string;
            interest_theme_ids: string[];
            preferences: components["schemas"]["PreferencesShape"];
            revision: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, microseconds
             * @example 2026-03-01T09:30:00.000000Z
             */
            updated_at: string;
            /** @default null */
            username?: string | null;
        };
        /**
         * WishShape
         * @description A walk asked for.
         * @example {
         *       "start_location": {
         *         "type": "Point",
         *         "coordinates": [
         *           -3.1883,
         *           55.9533
         *         ]
         *       },
         *       "duration_minutes": 60,
         *       "interest_theme_ids": [
         *         "1d0c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c44"
         *       ],
         *       "popularity_bias": 0.7,
         *       "accessibility": {
         *         "avoid_stairs": true,
         *         "prefer_well_lit": false
         *       },
         *       "end_location": null,
         *       "depart_at": null,
         *       "must_visit_poi_ids": [],
         *       "avoid_poi_ids": []
         *     }
         */
        WishShape: {
            accessibility?: components["schemas"]["AccessibilityShape"];
            /** @default [] */
            avoid_poi_ids?: number[];
            /** @default null */
            depart_at?: string | null;
            duration_minutes: number;
            /** @default null */
            end_location?: components["schemas"]["PointShape"] | null;
            /** @default null */
            interest_theme_ids?: string[] | null;
            /** @default [] */
            must_visit_poi_ids?: number[];
            /** @default 0.5 */
            popularity_bias?: number;
            start_location: components["schemas"]["PointShape"];
        };
    };
    responses: {
        /** @description conflict */
        Conflict: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description forbidden */
        Forbidden: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description internal error */
        InternalError: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description invalid request */
        InvalidRequest: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description not found */
        NotFound: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description payload too large */
        PayloadTooLarge: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description rate limited */
        RateLimited: {
            headers: {
                /** @description seconds to wait */
                "Retry-After"?: number;
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description service unavailable */
        ServiceUnavailable: {
            headers: {
                /** @description seconds to wait */
                "Retry-After"?: number;
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description unauthorized */
        Unauthorized: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description unsupported media type */
        UnsupportedMediaType: {
            headers: {
                "Trace-Id": components["headers"]["Trace-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description names this request in the logs */
        "Trace-Id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    asyncapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description AsyncAPI 3 */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": Record<string, unknown>;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_enrichment_provenance: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageShape_EnrichmentShape_"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_jobs: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                queue?: components["schemas"]["JobKind"];
                state?: components["schemas"]["JobState"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of jobs */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageShape_JobShape_"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    requeue_job: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key and payload within 24 hours replay the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The letter, which is one no more */
            202: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_interest_themes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every theme */
            200: {
                headers: {
                    /** @description names the content */
                    ETag?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListShape_ThemeShape_"];
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    log_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description The account, with a session */
            200: {
                headers: {
                    /** @description the rate limit */
                    "RateLimit-Limit"?: number;
                    /** @description the rate limit */
                    "RateLimit-Remaining"?: number;
                    /** @description the rate limit */
                    "RateLimit-Reset"?: number;
                    /** @description session */
                    "Set-Cookie"?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_places: {
        parameters: {
            query?: {
                bbox?: string;
                cursor?: string;
                limit?: number;
                theme_ids?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of places */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageShape_PlaceShape_"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_place: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                poi_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The place */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlaceShape"];
                };
            };
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_regions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every region */
            200: {
                headers: {
                    /** @description names the content */
                    ETag?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListShape_RegionShape_"];
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    request_route: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key and payload within 24 hours replay the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WishShape"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    /** @description where to ask how the request comes along */
                    Location?: string;
                    /** @description the rate limit */
                    "RateLimit-Limit"?: number;
                    /** @description the rate limit */
                    "RateLimit-Remaining"?: number;
                    /** @description the rate limit */
                    "RateLimit-Reset"?: number;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_route: {
        parameters: {
            query?: {
                token?: string;
            };
            header?: never;
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The walk */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/geo+json": Record<string, unknown>;
                    "application/gpx+xml": string;
                    "application/json": components["schemas"]["RouteShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_route: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgotten */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    save_route: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key and payload within 24 hours replay the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Saved */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    unsave_route: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No longer saved */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    share_route: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key and payload within 24 hours replay the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link */
            201: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    unshare_route: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_tile_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                route_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token */
            201: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TileTokenShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_request_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest word */
            200: {
                headers: {
                    /** @description while unfinished */
                    "Retry-After"?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    cancel_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest word */
            202: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resume_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The walker, with a fresh session */
            200: {
                headers: {
                    /** @description session */
                    "Set-Cookie"?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_shared_route: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The walk */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/geo+json": Record<string, unknown>;
                    "application/gpx+xml": string;
                    "application/json": components["schemas"]["RouteShape"];
                };
            };
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_users: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of people */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageShape_PersonShape_"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewWalker"];
            };
        };
        responses: {
            /** @description The new walker, with a session */
            201: {
                headers: {
                    /** @description the rate limit */
                    "RateLimit-Limit"?: number;
                    /** @description the rate limit */
                    "RateLimit-Remaining"?: number;
                    /** @description the rate limit */
                    "RateLimit-Reset"?: number;
                    /** @description session */
                    "Set-Cookie"?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StandingShape"];
            };
        };
        responses: {
            /** @description The person */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The walker */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    erase_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgotten */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileChangeShape"];
            };
        };
        responses: {
            /** @description The walker */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    export_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportShape"];
                };
            };
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    choose_interests: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key and payload within 24 hours replay the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InterestsShape"];
            };
        };
        responses: {
            /** @description The walker */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShape"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_my_routes: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                saved?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of walks */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageShape_RouteSummaryShape_"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    debug_actors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tree */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                    "text/plain": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    docs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    health_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AliveShape"];
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    health_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyShape"];
                };
            };
            500: components["responses"]["InternalError"];
            /** @description Not ready, and why */
            503: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyShape"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AliveShape"];
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus's text format */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_tile_json: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description TileJSON */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TileJson"];
                };
            };
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_base_tile: {
        parameters: {
            query?: {
                v?: string;
            };
            header?: never;
            path: {
                x: number;
                y: number;
                z: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tile */
            200: {
                headers: {
                    /** @description names the content */
                    ETag?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.mapbox-vector-tile": string;
                };
            };
            /** @description Nothing is drawn here */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_place_tile: {
        parameters: {
            query?: {
                v?: string;
            };
            header?: never;
            path: {
                x: number;
                y: number;
                z: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tile */
            200: {
                headers: {
                    /** @description names the content */
                    ETag?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.mapbox-vector-tile": string;
                };
            };
            /** @description Nothing is drawn here */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_route_tile: {
        parameters: {
            query?: {
                token?: string;
            };
            header?: never;
            path: {
                route_id: string;
                x: number;
                y: number;
                z: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tile */
            200: {
                headers: {
                    /** @description names it */
                    ETag?: string;
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.mapbox-vector-tile": string;
                };
            };
            /** @description Nothing is drawn here */
            204: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_style: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                style: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A MapLibre style */
            200: {
                headers: {
                    "Trace-Id": components["headers"]["Trace-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
}
