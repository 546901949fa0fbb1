-- Takes every table away, those first that refer to others.

DROP TABLE idempotency_keys;
DROP TABLE route_requests;
DROP TABLE route_pois;
DROP TABLE routes;
DROP TABLE poi_boxes;
DROP TABLE poi_interest_themes;
DROP TABLE region_pois;
DROP TABLE pois;
DROP TABLE regions;
DROP TABLE user_interest_themes;
DROP TABLE interest_themes;
DROP TABLE users;
