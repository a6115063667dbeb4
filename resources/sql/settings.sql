-- SPDX-License-Identifier: Apache-2.0
-- household.db, the settings: version 1.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
