CREATE FUNCTION nearby(point, box, smallint, oid, internal) RETURNS boolean LANGUAGE internal AS 'gist_point_consistent';
CREATE OPERATOR FAMILY place_family USING gist;
CREATE OPERATOR CLASS place_ops FOR TYPE point USING gist FAMILY place_family AS STORAGE box;
