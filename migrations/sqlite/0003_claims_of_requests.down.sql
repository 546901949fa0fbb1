-- Forgets whose claim wrote last.

DROP INDEX route_requests_by_change;
ALTER TABLE route_requests DROP COLUMN fence;
