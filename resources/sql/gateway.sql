-- SPDX-License-Identifier: Apache-2.0
-- The gateway's database, version 1. Times are UTC seconds, money is fen.
CREATE TABLE subscribers (
    box       TEXT NOT NULL PRIMARY KEY, -- the CN of the box's certificate
    name      TEXT NOT NULL,
    address   TEXT NOT NULL,
    phone     TEXT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
    created_s INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE products (
    id        TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,             -- JSON: zh, bo, en
    price_fen INTEGER NOT NULL CHECK (price_fen >= 0),
    stock     INTEGER NOT NULL CHECK (stock >= 0),
    merchant  TEXT NOT NULL,
    on_sale   INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;

CREATE TABLE orders (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    number           TEXT NOT NULL UNIQUE,
    box              TEXT NOT NULL REFERENCES subscribers (box),
    state            TEXT NOT NULL,
    created_s        INTEGER NOT NULL,
    updated_s        INTEGER NOT NULL,
    total_fen        INTEGER NOT NULL CHECK (total_fen >= 0),
    payment          TEXT NOT NULL,
    delivery_name    TEXT NOT NULL,
    delivery_phone   TEXT NOT NULL,
    delivery_address TEXT NOT NULL
);
CREATE INDEX orders_box ON orders (box, id);

CREATE TABLE order_lines (
    order_id       INTEGER NOT NULL REFERENCES orders (id),
    line           INTEGER NOT NULL,
    product        TEXT NOT NULL,
    name           TEXT NOT NULL,        -- as it was when ordered
    quantity       INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_fen INTEGER NOT NULL,
    PRIMARY KEY (order_id, line)
) WITHOUT ROWID;

-- The first answer to each key of a box, written in the transaction that it tells of.
CREATE TABLE idempotency (
    box          TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,          -- SHA-256 of the request's body
    status       INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    location     TEXT NOT NULL,
    body         BLOB NOT NULL,
    created_s    INTEGER NOT NULL,
    PRIMARY KEY (box, key)
) WITHOUT ROWID;
