-- SPDX-License-Identifier: Apache-2.0
-- content.db, the box's copy of what is broadcast: version 1. Everything hangs on the file that brought it; a file that goes takes
-- its things along. json is the thing as content_..._to_json writes it, the columns are what questions are asked by.

-- The manifest that stands for each role, in the same transaction as its content.
CREATE TABLE accepted (
    role            INTEGER PRIMARY KEY,
    sequence        INTEGER NOT NULL,
    manifest_sha256 BLOB NOT NULL,
    valid_from      INTEGER NOT NULL,
    valid_until     INTEGER NOT NULL,
    accepted_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE file (
    id     INTEGER PRIMARY KEY,
    role   INTEGER NOT NULL,
    path   TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL
) STRICT;

CREATE TABLE picture (
    file  INTEGER PRIMARY KEY REFERENCES file ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

-- Ids are unique for each table as a whole, which the commit of an ingest checks: during one, an id may be on its way from one file to
-- another.
CREATE TABLE category (
    file     INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    id       TEXT NOT NULL,
    position INTEGER NOT NULL,
    json     TEXT NOT NULL
) STRICT;
CREATE INDEX category_id ON category (id);
CREATE INDEX category_file ON category (file);

CREATE TABLE merchant (
    file     INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    id       TEXT NOT NULL,
    position INTEGER NOT NULL,
    uscc     TEXT NOT NULL,
    json     TEXT NOT NULL
) STRICT;
CREATE INDEX merchant_id ON merchant (id);
CREATE INDEX merchant_file ON merchant (file);

CREATE TABLE product (
    file     INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    id       TEXT NOT NULL,
    position INTEGER NOT NULL,
    category TEXT NOT NULL,
    merchant TEXT NOT NULL,
    featured INTEGER NOT NULL,
    areas    TEXT NOT NULL, -- "63 6301", empty: everywhere
    json     TEXT NOT NULL
) STRICT;
CREATE INDEX product_id ON product (id);
CREATE INDEX product_file ON product (file);
CREATE INDEX product_category ON product (category);
CREATE INDEX product_merchant ON product (merchant);

CREATE TABLE notice (
    file      INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    id        TEXT NOT NULL,
    position  INTEGER NOT NULL,
    list      INTEGER NOT NULL,
    uscc      TEXT NOT NULL,
    merchant  TEXT NOT NULL, -- empty: none
    state     INTEGER NOT NULL,
    listed_on TEXT NOT NULL,
    max_until TEXT NOT NULL, -- empty: none
    json      TEXT NOT NULL
) STRICT;
CREATE INDEX notice_id ON notice (id);
CREATE INDEX notice_file ON notice (file);
CREATE INDEX notice_uscc ON notice (uscc);
CREATE INDEX notice_merchant ON notice (merchant);

CREATE TABLE section (
    file     INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    id       TEXT NOT NULL,
    position INTEGER NOT NULL,
    json     TEXT NOT NULL
) STRICT;
CREATE INDEX section_id ON section (id);
CREATE INDEX section_file ON section (file);

CREATE TABLE page (
    file     INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    id       TEXT NOT NULL,
    position INTEGER NOT NULL,
    section  TEXT NOT NULL,
    updated  TEXT NOT NULL,
    areas    TEXT NOT NULL,
    json     TEXT NOT NULL
) STRICT;
CREATE INDEX page_id ON page (id);
CREATE INDEX page_file ON page (file);
CREATE INDEX page_section ON page (section);
