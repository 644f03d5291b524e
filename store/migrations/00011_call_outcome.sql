-- How a call ended is public: how many applied, who was ranked, who has the space.

-- +goose Up
ALTER TABLE calls ADD COLUMN outcome jsonb;
GRANT UPDATE (outcome) ON calls TO linli_worker;

-- +goose Down
ALTER TABLE calls DROP COLUMN outcome;
