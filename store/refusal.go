package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"linli/approval"
)

// refusals says, per violated constraint, what the user is told. A constraint
// that is not here was not expected to be reached by a request: a fault.
var refusals = map[string]*approval.Error{
	// identity
	"scopes_pkey":              approval.Errorf(approval.Conflict, "此行政区划已存在。", "This scope exists already.").At("path"),
	"scopes_path_form":         approval.Errorf(approval.Invalid, "行政区划路径格式不正确。", "The scope path is malformed.").At("path"),
	"scopes_parent_is_prefix":  approval.Errorf(approval.Invalid, "上级行政区划不匹配。", "The parent scope does not match.").At("path"),
	"scopes_parent_fkey":       approval.Errorf(approval.Invalid, "上级行政区划不存在。", "The parent scope does not exist.").At("path"),
	"scopes_name":              approval.Errorf(approval.Invalid, "名称须为1至60个字。", "The name has 1 to 60 characters.").At("name_zh"),
	"persons_name":             approval.Errorf(approval.Invalid, "姓名须为1至60个字。", "The name has 1 to 60 characters.").At("name"),
	"persons_scope_fkey":       approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"accounts_username_unique": approval.Errorf(approval.Conflict, "此用户名已被使用。", "This username is taken.").At("username"),
	"accounts_username_form":   approval.Errorf(approval.Invalid, "用户名须为3至40个小写字母、数字或 . _ -。", "A username has 3 to 40 lower-case letters, digits or . _ -.").At("username"),
	"grants_scope_fkey":        approval.Errorf(approval.Invalid, "授权的行政区划不存在。", "The scope of a grant does not exist.").At("grants"),
	"grants_active_unique":     approval.Errorf(approval.Conflict, "此人已有该项授权。", "This person holds that grant already.").At("grants"),
	"tokens_name":              approval.Errorf(approval.Invalid, "令牌名称须为1至60个字。", "A token's name has 1 to 60 characters.").At("name"),
	"substitutions_two_people": approval.Errorf(approval.SamePerson, "不能由本人代理本人。", "Nobody substitutes himself.").At("substitute"),
	"substitutions_dates":      approval.Errorf(approval.Invalid, "结束日期不能早于开始日期。", "The last day lies before the first.").At("last_on"),
	"attachments_scope_fkey":   approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"operations_key_form":      approval.Errorf(approval.Invalid, "幂等键须为8至128个字符。", "An idempotency key has 8 to 128 characters.").At("Idempotency-Key"),

	// ledger
	"charities_credit_code":       approval.Errorf(approval.Conflict, "此慈善组织已登记。", "This charity is registered already.").At("credit_code"),
	"charities_scope":             approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"funds_scope":                 approval.Errorf(approval.Invalid, "社区不存在。", "The community does not exist.").At("scope"),
	"funds_community":             approval.Errorf(approval.Invalid, "基金应设在社区一级。", "A fund belongs to a community.").At("scope"),
	"funds_one_per_community":     approval.Errorf(approval.Conflict, "此社区已设立基金，不得在基金下再设基金。", "This community has its fund already; there is no fund under a fund.").At("scope"),
	"funds_charity_qualified":     approval.Errorf(approval.Invalid, "没有此慈善组织，或其不具有公开募捐资格。", "There is no such charity, or it is not qualified to raise funds from the public.").At("charity_id"),
	"funds_key":                   approval.Errorf(approval.KeyReused, "同一幂等键已用于另一基金。", "This key was used for another fund."),
	"payees_scope":                approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"payees_once":                 approval.Errorf(approval.Conflict, "此账号在本范围内已登记。", "This account is registered at this scope already.").At("account"),
	"interests_person":            approval.Errorf(approval.Invalid, "没有这个人。", "There is no such person.").At("person_id"),
	"interests_once":              approval.Errorf(approval.Conflict, "该利害关系已声明。", "This interest is declared already."),
	"committees_scope":            approval.Errorf(approval.Invalid, "社区不存在。", "The community does not exist.").At("community"),
	"committees_version":          approval.Errorf(approval.StaleContent, "名单刚被他人修改，请重新查看。", "Somebody has just changed the list; look at it again.").At("version"),
	"committee_members_person":    approval.Errorf(approval.Invalid, "委员名单中有不存在的人。", "The list names somebody who does not exist.").At("members"),
	"ledger_transactions_fund":    approval.Errorf(approval.NotFound, "没有这个基金。", "There is no such fund."),
	"ledger_reversed_once":        approval.Errorf(approval.Conflict, "这笔账已冲正，不能再次冲正。", "This has been reversed and cannot be reversed again."),
	"ledger_not_negative":         approval.Errorf(approval.InsufficientFund, "余额不足。", "The balance does not suffice.").At("amount"),
	"reservations_one_live":       approval.Errorf(approval.Conflict, "本案已持有资金或已付款。", "The case holds money or has been paid already."),
	"reservations_payee_id_fkey":  approval.Errorf(approval.NotFound, "没有这个收款方。", "There is no such payee.").At("payee_id"),
	"reservations_bank_reference": approval.Errorf(approval.Conflict, "此银行流水号已用于另一笔付款。", "This bank reference belongs to another payment.").At("bank_reference"),
	"refunds_bank_reference":      approval.Errorf(approval.Conflict, "此银行流水号已用于另一笔退款。", "This bank reference belongs to another refund.").At("bank_reference"),
	"donation_receipts_number":    approval.Errorf(approval.Conflict, "此票据号码已使用。", "This receipt number is used already.").At("receipt/number"),

	// engagements
	"share_incomes_pkey":      approval.Errorf(approval.Conflict, "此期反哺款已入账。", "The share of this period is booked already.").At("period"),
	"share_incomes_once":      approval.Errorf(approval.Conflict, "这笔收入已对应另一期。", "This income belongs to another period.").At("income_id"),
	"share_incomes_period":    approval.Errorf(approval.Invalid, "期别格式有误。", "The name of the period is malformed.").At("period"),
	"engagements_case_fkey":   approval.Errorf(approval.NotFound, "没有这个事项。", "There is no such case.").At("case_id"),
	"share_incomes_case_fkey": approval.Errorf(approval.NotFound, "没有这个事项。", "There is no such case.").At("case_id"),
	// operators
	"operators_credit_code":             approval.Errorf(approval.Conflict, "该统一社会信用代码已登记，同一代码即同一主体，请直接使用已有档案。", "This credit code is registered already; one code is one operator: use that entry.").At("credit_code"),
	"operators_scope":                   approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"operator_people_person":            approval.Errorf(approval.Invalid, "没有这个人。", "There is no such person.").At("person_id"),
	"operator_people_once":              approval.Errorf(approval.Conflict, "此人已是该运营主体的经办人员。", "This person acts for the operator already.").At("person_id"),
	"operator_people_plain":             approval.Errorf(approval.Conflict, "此人在系统中有职务，或正代表运营主体办事；两者不能由同一账户兼任。", "This person holds an office here or acts for an operator; one account cannot do both.").At("person_id"),
	"operator_licences_once":            approval.Errorf(approval.Conflict, "这份证照已登记。", "This licence is on file already.").At("number"),
	"operator_licences_attachment":      approval.Errorf(approval.Invalid, "没有这个附件。", "There is no such attachment.").At("attachment_id"),
	"operator_credit_checks_attachment": approval.Errorf(approval.Invalid, "没有这个附件。", "There is no such attachment.").At("attachment_id"),
	"operator_parties_once":             approval.Errorf(approval.Conflict, "此人的同一身份已登记。", "This person is registered in this capacity already.").At("name"),
	"operator_parties_person":           approval.Errorf(approval.Invalid, "没有这个人。", "There is no such person.").At("person_id"),
	"operator_ties_once":                approval.Errorf(approval.Conflict, "该利害关系已声明。", "This interest is declared already."),
	"operator_ties_person":              approval.Errorf(approval.Invalid, "没有这个人。", "There is no such person.").At("person_id"),
	"operator_ties_party":               approval.Errorf(approval.Invalid, "该运营主体没有这个关联方。", "The operator has no such related party.").At("party_id"),
	"payee_links_operator":              approval.Errorf(approval.Invalid, "没有这个运营主体。", "There is no such operator.").At("operator_id"),
	"payee_links_party":                 approval.Errorf(approval.Invalid, "该运营主体没有这个关联方。", "The operator has no such related party.").At("party_id"),

	// spaces
	"spaces_scope":       approval.Errorf(approval.Invalid, "社区不存在。", "The community does not exist.").At("scope"),
	"spaces_code":        approval.Errorf(approval.Conflict, "本社区已有此编号的阵地。", "The community has a space of this code already.").At("code"),
	"spaces_proof":       approval.Errorf(approval.Invalid, "没有这个附件。", "There is no such attachment.").At("proof_attachment_id"),
	"need_lists_scope":   approval.Errorf(approval.Invalid, "社区不存在。", "The community does not exist.").At("community"),
	"need_lists_version": approval.Errorf(approval.StaleContent, "清单刚被他人修改，请重新查看。", "Somebody has just changed the list; look at it again.").At("version"),

	// spaces and calls
	"space_taken":            approval.Errorf(approval.SpaceTaken, "该阵地在此期限内已由其他运营主体占用。", "Another operator has the space in that term.").At("space_id"),
	"call_space_taken":       approval.Errorf(approval.SpaceTaken, "该阵地在此期限内已有招引。", "A call is out for this space in that term.").At("space_id"),
	"call_applications_once": approval.Errorf(approval.AlreadyActed, "每个运营主体在一次招引中只能提交一份申请。", "An operator hands in one application under a call.").At("call_id"),

	// cases
	"rule_sets_pkey":                   approval.Errorf(approval.Conflict, "此版本已发布，不能改动。", "This version is published and does not change.").At("version"),
	"rule_sets_version":                approval.Errorf(approval.Invalid, "版本号须为正整数。", "A version counts from 1.").At("version"),
	"rule_sets_source":                 approval.Errorf(approval.Invalid, "规则文本不能为空。", "The rule text is empty.").At("source"),
	"rule_sets_scope_fkey":             approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"proposals_scope_fkey":             approval.Errorf(approval.Invalid, "行政区划不存在。", "The scope does not exist.").At("scope"),
	"notices_case_fkey":                approval.Errorf(approval.NotFound, "没有这个事项。", "There is no such case.").At("case_id"),
	"notice_notes_notice_fkey":         approval.Errorf(approval.NotFound, "没有这个公告。", "There is no such notice.").At("notice_id"),
	"objections_text":                  approval.Errorf(approval.Invalid, "异议内容须为1至2000个字。", "An objection has 1 to 2000 characters.").At("text"),
	"objections_contact":               approval.Errorf(approval.Invalid, "联系方式须为1至200个字。", "A contact has 1 to 200 characters.").At("contact"),
	"objections_receipt":               approval.Errorf(approval.Conflict, "查询码重复，请重新提交。", "The receipt code is taken; submit again.").At("receipt"),
	"contract_scans_once":              approval.Errorf(approval.Conflict, "此扫描件已附在该协议上。", "This scan is attached to the agreement already.").At("attachment"),
	"contract_scans_attachment":        approval.Errorf(approval.NotFound, "没有这个附件。", "There is no such attachment.").At("attachment"),
	"objection_answers_objection_fkey": approval.Errorf(approval.NotFound, "没有这个异议。", "There is no such objection.").At("id"),
}

// refusal turns what the database refuses into what a user is told; a refusal
// passes through, everything else stays a fault.
func refusal(err error) error {
	if err == nil || approval.Refusal(err) != nil {
		return err
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return unreachable(err)
	}
	if known, ok := refusals[pg.ConstraintName]; ok {
		return fmt.Errorf("%w (%s)", known, pg.Message)
	}
	switch pg.Code {
	case "42501": // insufficient_privilege: row security or a missing grant
		return fmt.Errorf("%w (%s)", approval.Errorf(approval.Forbidden, "您无权在此范围内办理。", "You have no right to do this at this scope."), pg.Message)
	case "22021", "22P05": // a character PostgreSQL has no place for: NUL
		return fmt.Errorf("%w (%s)", approval.Errorf(approval.Invalid, "文字中含有无法保存的字符。", "The text holds a character that cannot be stored."), pg.Message)
	case "55P03", "57014", "53300", "57P01", "57P03": // lock or statement timeout, too many connections, shutting down
		return busy(err)
	case "53100", "58030", "25006": // disk full, disk failing, read-only: the transaction is undone as a whole
		return fmt.Errorf("%w (%w)", approval.Errorf(approval.Unavailable, "数据库暂时不能写入（磁盘已满或只读），请稍后重试；持续出现请联系管理员。",
			"The database takes no writes at present (disk full or read-only); retry later, and tell an administrator if it stays so."), err)
	}
	return err
}

func unreachable(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return busy(err)
	}
	return err
}

func busy(err error) error {
	return fmt.Errorf("%w (%w)", approval.Errorf(approval.Unavailable, "系统繁忙，请稍后重试。", "The system is busy; retry shortly."), err)
}

// absent turns "no rows" into a refusal that names the noun in both languages.
func absent(err error, zh, en string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return approval.Errorf(approval.NotFound, "没有这个%[1]s。", "There is no such %[2]s.", zh, en)
	}
	return err
}
