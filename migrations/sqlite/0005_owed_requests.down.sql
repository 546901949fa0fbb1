-- Back to reading everything that has not ended at once.

DROP INDEX route_requests_owed;
