-- Forgets the files of regions that were published; those on disk stay.

DROP TABLE region_file_parts, region_files;
