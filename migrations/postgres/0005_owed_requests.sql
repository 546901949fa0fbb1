-- What has not ended is looked through by age, a page at a time, however much there is.

CREATE INDEX route_requests_owed ON route_requests (created_at, id)
    WHERE status IN ('pending', 'in_progress');
