#!/usr/bin/env bash
# One operator from the application to a running engagement, played through the
# public API: papers are missing and asked for at once, a resident objects to the
# admission notice, three parties sign, the handover finds two defects, the first
# share of the profit becomes a donation. At the end the ledger, the receipt and
# the engagement are held against each other, and the fund pays for a use of its
# own (examples/walkthrough.sh).
#
# usage: LINLI_DAY_LENGTH=3s make run     a notice stands for days: let them be short
#        examples/onboarding.sh           in another terminal
#   LINLI  address of Linli               default http://127.0.0.1:8080
#   BANK, DATA                            as for walkthrough.sh
#
# It needs bash and curl. Operator, people and amounts are invented (示例).
set -euo pipefail
source "$(dirname "$0")/tools.sh"

community=370300/370303/370303001/370303001902
password=Linli-demo-2026
patience=${PATIENCE:-600} # seconds a clock may take: a notice, the first period

# todo WHO CASE SEAT: waits until that person has this task; prints its id.
todo() {
	local found= began=$SECONDS
	while ((SECONDS - began < patience)); do
		found=$(call "$1" GET "/v1/cases/$2/tasks" | grep -o "{\"id\":\"$2[^{}\"]*\.$3\"[^{}]*\"status\":\"open\"" | tail -n1 | pick id) || true
		[ -n "$found" ] && echo "$found" && return
		sleep 0.5
	done
	echo "$1 was never asked as $3 in $2" >&2
	return 1
}

# does WHO CASE SEAT ACTION [COMMENT] [FORM]
does() { act "$1" "$(todo "$1" "$2" "$3")" "${@:4}"; }

# sign WHO CASE SEAT: signs exactly the agreements on the table, and proves again
# who is signing.
sign() {
	local task hash
	task=$(todo "$1" "$2" "$3")
	hash=$(call "$1" GET "/v1/tasks/$task" | pick content_hash)
	call "$1" POST "/v1/tasks/$task/acts" \
		"{\"action\":\"sign\",\"content_hash\":\"$hash\",\"reauthentication\":{\"password\":\"$password\"}}" >/dev/null
	echo "  signed: $1 ($3) ${hash:0:16}…"
}

# refused WHO CODE METHOD PATH JSON: the request must be refused with that code.
refused() {
	local answer
	if answer=$(call "$1" "$3" "$4" "$5" 2>&1 >/dev/null); then
		echo "$4 should have been refused" >&2 && return 1
	fi
	grep -q "\"code\":\"$2\"" <<<"$answer" || { echo "expected $2: $answer" >&2 && return 1; }
	echo "  refused, as it must be: $2"
}

available() { call zb-officer1 GET "/v1/funds/$fund/balance" | grep -o '"total":{"amount":[0-9]*' | grep -o '[0-9]*$'; }

step "1. 运营主体、人员与阵地 / operator, its person, a space"
for who in zd-admin zd-handler zd-secretary zd-street zd-objections zb-officer1; do login "$who"; done
fund=$(call zd-handler GET /v1/funds | pick id)
code=92370303QW0000129A # synthetic: both check characters are right
refused zd-handler invalid POST /v1/operators \
	"{\"scope\":\"$community\",\"name\":\"示例代码有误\",\"credit_code\":\"92370303QW0000129\",\"kind\":\"sole_trader\",\"legal_representative\":\"示例\"}"
operator=$(call zd-handler GET "/v1/operators?search=$code" | pick id) || true
[ -n "$operator" ] || operator=$(call zd-handler POST /v1/operators \
	"{\"scope\":\"$community\",\"name\":\"示例助餐服务部\",\"credit_code\":\"$code\",\"kind\":\"sole_trader\",\"legal_representative\":\"示例·负责人\",\"founded_on\":\"2023-01-05\"}" | pick id)
for licence in registration small_catering staff_health public_liability; do
	call zd-handler POST "/v1/operators/$operator/licences" \
		"{\"kind\":\"$licence\",\"number\":\"示例-$licence-$run\",\"valid_until\":\"$(date -d '+2 years' +%F)\",\"verified\":true}" >/dev/null
done
call zd-handler POST "/v1/operators/$operator/credit-checks" "{\"source\":\"示例信用平台\",\"checked_on\":\"$(date +%F)\",\"entries\":[]}" >/dev/null
call zd-handler POST "/v1/operators/$operator/parties" '{"name":"示例·负责人","capacity":"legal_representative"}' >/dev/null || true # on record already
owner=walk-owner-${run//[^0-9]/}
person=$(call zd-admin POST /v1/accounts \
	"{\"username\":\"$owner\",\"name\":\"示例·运营主体负责人\",\"scope\":\"$community\",\"password\":\"$password\"}" | pick id)
call zd-secretary POST "/v1/operators/$operator/people" "{\"person_id\":\"$person\",\"position\":\"负责人\"}" >/dev/null
login "$owner"
space=$(call zd-handler POST /v1/spaces "{\"scope\":\"$community\",\"code\":\"W-$run\",\"name\":\"示范阵地 $run\",\"ownership\":\"public\",
 \"holder\":\"示例街道办事处\",\"proof\":\"示例产权证\",\"use\":\"闲置\",\"surveyed\":true,\"flue\":true,\"fire_exits\":2,
 \"rooms\":[{\"code\":\"101\",\"name\":\"大厅\",\"floor\":\"1\",\"built_area\":4500,\"usable_area\":3800,\"functions\":[]}]}" | pick id)
needs=$(call zd-handler GET "/v1/needs/${community##*/}")
grep -q elderly_canteen <<<"$needs" || call zd-handler PUT "/v1/needs/${community##*/}" \
	"{\"version\":$(pick version <<<"$needs"),\"needs\":[{\"category\":\"care\",\"code\":\"elderly_canteen\",\"name\":\"老年食堂\",\"count\":120,\"priority\":\"high\"}]}" >/dev/null
echo "  operator $operator, space $space"

# application UNDERTAKINGS PAPERS: the whole application as JSON.
application() {
	cat <<JSON
{"title":"示范阵地助餐点（示例）","operator_id":"$operator","space_id":"$space","summary":"面向老年居民的助餐服务。",
 "services":[{"name":"老年午餐","kind":"meals","class":"low_charge","price":1200,"unit":"份","over60":10,"over80":15}],
 "share":{"kind":"profit_percent","percent":30,"period":"monthly"},
 "starts_on":"$(date -d '+1 day' +%F)","ends_on":"$(date -d '+2 years' +%F)","needs":["elderly_canteen"],
 "undertakings":[$1],"attachments":[$2]}
JSON
}
paper() { printf '{"id":"%s","kind":"%s"}' "$(upload "$owner" "$1")" "$1"; }

step "2. 申请与一次性补正 / application; everything missing is named at once"
first=$(paper application)
case=$(call "$owner" POST /v1/applications "$(application '"use"' "$first")" | pick case_id)
echo "  case $case"
does "$owner" "$case" correction.1.applicant correct "" \
	"{\"details\":$(application '"use","price","safety","no_let","reports","care"' "$first,$(paper plan)")}"

step "3. 初审 / desk reviews: 社区、街道"
does zd-secretary "$case" community approve "同意"
does zd-street "$case" subdistrict approve "同意"

step "4. 准入公示与异议 / admission notice, a resident objects"
notice=$case-n1
until curl -sSf "$LINLI/v1/public/notices/$notice" >"$work/notice" 2>/dev/null; do sleep 0.2; done
curl -sSf -H 'Content-Type: application/json' -H "Idempotency-Key: resident-$run" \
	-d '{"text":"担心油烟扰民。","contact":"示例联系人"}' "$LINLI/v1/public/notices/$notice/objections" >"$work/filed"
does zd-objections "$case" "objection-$(pick id <"$work/filed")" overrule "有独立烟道，每日清洗，已附检测。"

step "5. 签约 / signing: 公示期满后，三方签署同一份协议 / after the notice, three parties sign one text"
sign "$owner" "$case" operator
altered="{\"action\":\"sign\",\"content_hash\":\"$(printf '0%.0s' {1..64})\",\"reauthentication\":{\"password\":\"$password\"}}"
refused "$owner" already_acted POST "/v1/tasks/$case.signing.1.operator/acts" "$altered"
refused zd-secretary stale_content POST "/v1/tasks/$case.signing.1.community/acts" "$altered"
sign zd-secretary "$case" community
sign zd-street "$case" subdistrict

step "6. 空间移交 / handover: 两项问题，整改后复核 / two defects, repaired and read again"
does zd-handler "$case" list submit "" '{"details":{"handover":{"items":[
 {"kind":"asset","name":"冰箱","quantity":1},{"kind":"meter","name":"电表","unit":"kWh","quantity":1},{"kind":"keys","name":"钥匙","quantity":1},
 {"kind":"fire_equipment","name":"灭火器","quantity":1},{"kind":"photo","name":"照片","quantity":4}]}}}'
photos=$(for n in 1 2 3 4; do printf '"%s"' "$(printf '%s %s' "$run" "$n" | sha256sum | cut -d' ' -f1)"; done | sed 's/""/","/g')
# reading ITEM STATE [NOTE]
reading() { printf '{"item_id":"%s","quantity":1,"state":"%s","note":"%s"}' "$1" "$2" "${3:-}"; }
good=$(reading room-1 intact),$(reading meter-1 intact),$(reading keys-1 intact)
good+=",{\"item_id\":\"photo-1\",\"quantity\":4,\"state\":\"intact\",\"photos\":[$photos]}"
confirm() { does "$1" "$case" "$2" confirm "" "{\"details\":{\"handover\":{\"readings\":[$3]}}}"; }
confirm zd-handler giving "$good,$(reading asset-1 intact),$(reading fire_equipment-1 intact)"
confirm "$owner" receiving "$good,$(reading asset-1 defective 不制冷),$(reading fire_equipment-1 defective 压力不足)"
for repair in repair-1 repair-2; do
	does zd-handler "$case" "$repair" submit "" '{"details":{"handover":{"repaired":{"report":"已更换"}}}}'
done
confirm zd-handler giving "$(reading asset-1 intact),$(reading fire_equipment-1 intact)"
confirm "$owner" receiving "$(reading asset-1 intact),$(reading fire_equipment-1 intact)"

step "7. 运营 / engagement"
until engagement=$(call "$owner" GET /v1/engagements | grep -o "\"case_id\":\"e_[^\"]*\"" | tail -n1 | pick case_id) && [ -n "$engagement" ]; do sleep 0.5; done
echo "  $engagement"

step "8. 首期反哺 / the first share: 利润的 30% / 30 percent of the profit"
before=$(available)
report=$(todo "$owner" "$engagement" reporting.1.operator)
period=$(call "$owner" GET "/v1/engagements/$engagement" | grep -o '"name":"[0-9-]*"' | head -n1 | pick name)
papers=$(paper accounts)
act "$owner" "$report" submit "" "{\"details\":{\"report\":{\"period\":\"$period\",\"revenue\":3600000,\"profit\":1000001,\"share\":300000,\"papers\":[$papers]}}}"
does zd-handler "$engagement" reporting.1.community approve "与账目相符"
does "$owner" "$engagement" reporting.1.payment submit "" "{\"details\":{\"payment\":{\"bank_reference\":\"示例-$run\",\"paid_on\":\"$(date +%F)\"}}}"
does zb-officer1 "$engagement" reporting.1.charity approve "已到账" \
	"{\"details\":{\"received\":{\"received_on\":\"$(date +%F)\",\"receipt\":{\"code\":\"37010126\",\"number\":\"${run//[^0-9]/}\",\"item\":\"运营主体反哺\",\"issued_on\":\"$(date +%F)\"}}}}"
until [ "$(available)" -gt "$before" ]; do sleep 0.5; done
refused "$owner" conflict POST "/v1/tasks/$report/acts" "{\"action\":\"submit\",\"form\":{\"details\":{\"report\":{\"period\":\"$period\",\"revenue\":5,\"profit\":5,\"share\":2,\"papers\":[$papers]}}}}"

step "9. 核对 / do they agree?"
given=$(call "$owner" GET "/v1/engagements/$engagement" | pick given)
income=$(call zb-officer1 GET "/v1/funds/$fund/incomes" | grep -o '"kind":"operator_share","amount":[0-9]*' | head -n1 | grep -o '[0-9]*$')
after=$(available)
printf '  基金 / fund        %s -> %s 分 / fen\n  反哺 / shared      %s 分 / fen\n  收入 / income      %s 分 / fen, operator_share\n' "$before" "$after" "$given" "$income"
[ "$((after - before))" = "$given" ] && [ "$income" = "$given" ] || { echo '不一致 / they disagree' >&2; exit 1; }
echo '一致，分毫不差 / they agree to the fen'

step "10. 用款 / the fund is used"
"$(dirname "$0")/walkthrough.sh"
