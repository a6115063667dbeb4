-- SPDX-License-Identifier: Apache-2.0
-- content.db from version 1 to 2: what things are found by. What was kept without keys is emptied, so that the air brings it again
-- with them; the sequence last accepted for each role stands in the household's settings too, so no older manifest gets in meanwhile.

-- A row for each place at which a search may begin in a key: the digits from there on. A search is a range of the primary key for each
-- rank, in the order in which hits are shown.
CREATE TABLE search (
    rank   INTEGER NOT NULL,
    digits TEXT NOT NULL,
    kind   INTEGER NOT NULL, -- enum store_hit_kind
    id     TEXT NOT NULL,
    file   INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    PRIMARY KEY (rank, digits, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_file ON search (file);

DELETE FROM file;
DELETE FROM accepted;
