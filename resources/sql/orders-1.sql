-- SPDX-License-Identifier: Apache-2.0
-- household.db, orders and outbox. An order stands in outbox exactly as long as the gateway's answer is not on this disk.
-- position orders the list: the box's clock may have been wrong when an order was made.
CREATE TABLE orders (
    position         INTEGER PRIMARY KEY AUTOINCREMENT,
    key              TEXT NOT NULL UNIQUE,
    number           TEXT NOT NULL DEFAULT '',
    state            TEXT NOT NULL,
    reason           TEXT NOT NULL DEFAULT 'none',
    created_s        INTEGER NOT NULL,
    true_s           INTEGER NOT NULL DEFAULT 0,
    total_fen        INTEGER NOT NULL,
    payment          TEXT NOT NULL,
    delivery_name    TEXT NOT NULL,
    delivery_phone   TEXT NOT NULL,
    delivery_address TEXT NOT NULL
);
CREATE INDEX orders_number ON orders (number);
CREATE TABLE order_lines (
    key               TEXT NOT NULL REFERENCES orders (key) ON DELETE CASCADE,
    line              INTEGER NOT NULL,
    product           TEXT NOT NULL,
    name_zh           TEXT NOT NULL,
    name_bo           TEXT NOT NULL,
    name_en           TEXT NOT NULL,
    unit_price_fen    INTEGER NOT NULL,
    quantity          INTEGER NOT NULL,
    reason            TEXT NOT NULL DEFAULT 'none',
    current_price_fen INTEGER NOT NULL DEFAULT -1,
    current_stock     INTEGER NOT NULL DEFAULT -1,
    PRIMARY KEY (key, line)
) WITHOUT ROWID;
-- body: the exact bytes sent, each time the same.
CREATE TABLE outbox (
    key  TEXT NOT NULL PRIMARY KEY REFERENCES orders (key) ON DELETE CASCADE,
    body BLOB NOT NULL
) WITHOUT ROWID;
