-- SPDX-License-Identifier: Apache-2.0
-- content.db from version 2 to 3: what lists and counts of products ask, without reading the products themselves.

CREATE INDEX IF NOT EXISTS product_shelf ON product (category, areas, featured, file, position, id);
DROP INDEX IF EXISTS product_category;
