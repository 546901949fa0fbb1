-- Several processes may run a request's job one after the other: who came later has the word.

ALTER TABLE route_requests ADD COLUMN fence BIGINT NOT NULL DEFAULT 0; -- of the latest claim that wrote

-- What other processes have stored lately is told to the walkers of this one.
CREATE INDEX route_requests_by_change ON route_requests (updated_at, id);
