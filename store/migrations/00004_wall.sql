-- Row security as narrow as the permissions of the API: what a handler
-- refuses by role, the database now refuses by role too, and a role held in
-- one place no longer opens what another role merely shows in a second place.
-- Donors' names and payees are personal data.

-- +goose Up

-- True when one of the roles is granted at a node that contains the scope.
CREATE FUNCTION linli_holds_any(roles text[], scope text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT EXISTS (SELECT 1 FROM linli_grants() AS g
                         WHERE g.role = ANY ($1) AND starts_with($2 || '/', g.node || '/')) $$;

-- Whoever proposes to pay, decides on it, pays or checks it.
DROP POLICY readable ON payees;
CREATE POLICY readable ON payees FOR SELECT TO linli_api USING (linli_holds_any(ARRAY['handler', 'secretary', 'committee_member',
    'supervisor', 'subdistrict_approver', 'district_approver', 'charity_officer', 'cashier', 'payment_checker', 'auditor',
    'administrator'], scope));

-- One's own interest, or another person's by an office of the payee's scope;
-- in the declarer's own name.
DROP POLICY addable ON interests;
CREATE POLICY addable ON interests FOR INSERT TO linli_api WITH CHECK (declared_by = linli_person() AND EXISTS (
    SELECT 1 FROM payees AS p WHERE p.id = payee_id AND (person_id = linli_person()
        OR linli_holds_any(ARRAY['handler', 'secretary', 'charity_officer', 'administrator'], p.scope))));

DROP POLICY readable ON incomes;
CREATE POLICY readable ON incomes FOR SELECT TO linli_api USING (fund_id IN (
    SELECT f.id FROM funds AS f WHERE linli_holds_any(ARRAY['charity_officer', 'secretary', 'supervisor', 'auditor'], f.scope)));
DROP POLICY addable ON donation_receipts;
CREATE POLICY addable ON donation_receipts FOR INSERT TO linli_api WITH CHECK (income_id IN (
    SELECT i.id FROM incomes AS i JOIN funds AS f ON f.id = i.fund_id WHERE linli_holds('charity_officer', f.scope)));

-- The same as for the transaction a posting belongs to.
DROP POLICY addable ON ledger_postings;
CREATE POLICY addable ON ledger_postings FOR INSERT TO linli_api WITH CHECK (transaction_id IN (
    SELECT t.id FROM ledger_transactions AS t JOIN funds AS f ON f.id = t.fund_id
    WHERE linli_holds('charity_officer', f.scope) OR (t.kind = 'opening' AND linli_holds('administrator', f.scope))));

DROP POLICY proposals_add ON proposals;
CREATE POLICY proposals_add ON proposals FOR INSERT TO linli_api
    WITH CHECK (linli_holds('handler', scope) AND saved_by = linli_person());

-- +goose Down
DROP POLICY proposals_add ON proposals;
CREATE POLICY proposals_add ON proposals FOR INSERT TO linli_api WITH CHECK (linli_sees(scope) AND saved_by = linli_person());
DROP POLICY addable ON ledger_postings;
CREATE POLICY addable ON ledger_postings FOR INSERT TO linli_api
    WITH CHECK (transaction_id IN (SELECT t.id FROM ledger_transactions t));
DROP POLICY addable ON donation_receipts;
CREATE POLICY addable ON donation_receipts FOR INSERT TO linli_api WITH CHECK (income_id IN (SELECT i.id FROM incomes i));
DROP POLICY readable ON incomes;
CREATE POLICY readable ON incomes FOR SELECT TO linli_api USING (fund_id IN (SELECT f.id FROM funds f));
DROP POLICY addable ON interests;
CREATE POLICY addable ON interests FOR INSERT TO linli_api WITH CHECK (payee_id IN (SELECT p.id FROM payees p));
DROP POLICY readable ON payees;
CREATE POLICY readable ON payees FOR SELECT TO linli_api USING (linli_sees(scope));
DROP FUNCTION linli_holds_any(text[], text);
