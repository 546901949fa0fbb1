-- Takes every table away; the extension stays, for others may use it.

DROP TABLE idempotency_keys, route_requests, route_pois, routes, poi_interest_themes, region_pois,
    pois, regions, user_interest_themes, interest_themes, users;
