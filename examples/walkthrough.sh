#!/usr/bin/env bash
# One use of a community's fund, played through the public API from the proposal
# to the public notice by eleven people of the demonstration and a resident: a
# member steps aside and the reserve votes, the charity sends the case back for
# want of a budget, the committee votes again, a resident objects. At the end
# the fund, the bank, the notice and the record are held against each other.
#
# usage: examples/walkthrough.sh        once `make run` says it is ready
#   LINLI  address of Linli             default http://127.0.0.1:8080
#   BANK   address of the practice bank default http://127.0.0.1:8090
#   DATA   data folder of `make run`    default .linli
#
# It needs bash and curl. Each run is a new case. README.md quotes the parts
# between the lines "# --- name".
set -euo pipefail
source "$(dirname "$0")/tools.sh"
BANK=${BANK:-http://127.0.0.1:8090}
DATA=${DATA:-.linli}

total() { call zd-handler GET "/v1/funds/$fund/balance" | grep -o '"total":{"amount":[0-9]*' | grep -o '[0-9]*$'; }

# proposal PAPERS: the whole proposal as JSON.
proposal() {
	cat <<JSON
{"title":"楼道照明更换（示例）","category":"repair","purpose":"更换三栋楼的楼道照明，共86盏。",
 "amount":$amount,"lines":[{"item":"声光控灯具86盏","amount":516000},{"item":"安装","amount":170000}],
 "fund_id":"$fund","payee_id":"$payee","needs":["楼道照明"],"beneficiaries":420,
 "starts_on":"$(date +%F)","ends_on":"$(date -d "@$(($(date +%s) + 30 * 86400))" +%F)","attachments":[$1]}
JSON
}

# --- people
for who in zd-handler zd-m1 zd-m2 zd-m3 zd-reserve zd-street zb-officer1 zb-officer2 zb-cashier zb-checker zd-objections; do
	login "$who"
done
seat() { call "$1" GET /v1/me | pick id; } # a member's seat is the member's own id
community=370300/370303/370303001/370303001902
fund=$(call zd-handler GET /v1/funds | pick id)
payee=$(call zd-handler GET /v1/payees | grep -o '"id":"[^"]*","name":"示范百货商行张店店' | pick id)
amount=686000 # fen: 6,860.00 yuan, above the 5,000 yuan from which Zhangdian asks the subdistrict
before=$(total)
# --- end
step "1. 申请 / proposal: zd-handler, $amount 分 / fen, 基金余额 / fund $before"

# --- proposal
application=$(upload zd-handler application)
case=$(call zd-handler POST /v1/fund-uses "$(proposal "{\"id\":\"$application\",\"kind\":\"application\"}")" | pick case_id)
# --- end
echo "  case $case"

step "2. 管委会评审 / committee: zd-m3 回避 / steps aside, zd-reserve 递补 / takes the place"
# --- committee
act zd-m3 "$case.committee.1.$(seat zd-m3)" recuse "收款方负责人是本人亲属（示例）"
act zd-reserve "$case.committee.1.$(seat zd-reserve)" approve
act zd-m1 "$case.committee.1.$(seat zd-m1)" approve
# --- end

step "3. 街道与慈善总会 / subdistrict and charity: 缺少预算，退回 / no budget, sent back"
# --- return
act zd-street "$case.higher.1.subdistrict" approve "同意上报"
act zb-officer1 "$case.charity.1.officer-1" return "缺少项目预算明细，请补齐" '{"stage":"correction"}'
# --- end

step "4. 补正与再次表决 / correction, then a second vote on the new content"
# --- correction
papers="{\"id\":\"$application\",\"kind\":\"application\"},{\"id\":\"$(upload zd-handler budget)\",\"kind\":\"budget\"}"
act zd-handler "$case.correction.1.applicant" correct "" "{\"details\":$(proposal "$papers")}"
act zd-reserve "$case.committee.2.$(seat zd-reserve)" approve
act zd-m2 "$case.committee.2.$(seat zd-m2)" approve
# --- end

step "5. 审批 / approvals"
# --- approvals
act zd-street "$case.higher.2.subdistrict" approve "已补齐"
act zb-officer2 "$case.charity.2.officer-1" approve "材料齐全"
# --- end

step "6. 拨付 / payout: 出纳与复核 / cashier and checker"
# --- payout
act zb-cashier "$case.payout.1.maker" approve
act zb-checker "$case.payout.1.checker" approve
# --- end

step "7. 公示与异议 / public notice, a resident objects"
# --- notice
notice="$case-n1"
until curl -sSf "$LINLI/v1/public/notices/$notice" >"$work/notice" 2>/dev/null; do sleep 0.2; done
curl -sSf -H 'Content-Type: application/json' -H "Idempotency-Key: resident-$run" \
	-d '{"text":"三号楼已换过灯，为何又列入？","contact":"示例联系人"}' \
	"$LINLI/v1/public/notices/$notice/objections" >"$work/filed"
code=$(pick code <"$work/filed")
act zd-objections "$case.notice.1.objection-$(pick id <"$work/filed")" overrule "三号楼地下室未换，清单已附说明。"
until curl -sSf "$LINLI/v1/public/objections/$code" | tee "$work/objection" | grep -q '"status":"overruled"'; do sleep 0.2; done
# --- end
echo "  receipt code $code: $(pick status <"$work/objection"), $(pick answer <"$work/objection")"

step "8. 核对 / do they agree?"
# --- agree
after=$(total)
booked=$(curl -sSf -H "Authorization: Bearer $(cat "$DATA/keys/bank-behaviour.token")" "$BANK/book" |
	sed 's/{"receipt":/\n&/g' | grep "\"caseId\":\"$case\"")
shown=$(grep -o '"payment":{"amount":[0-9]*' "$work/notice" | grep -o '[0-9]*$')
steps=$(call zd-handler GET "/v1/cases/$case/steps" | grep -o '"seq":' | wc -l)
counted=$(call zd-handler GET "/v1/cases/$case" | pick seq)
# --- end
bank=$(pick amountFen <<<"$booked")
printf '  基金 / fund          %s -> %s 分 / fen\n' "$before" "$after"
printf '  银行 / bank          %s 分 / fen, %s, %s\n' "$bank" "$(pick status <<<"$booked")" "$(pick bankReference <<<"$booked")"
printf '  公示 / notice        %s 分 / fen, %s/notices/%s\n' "$shown" "$LINLI" "$notice"
printf '  记录 / record        %s 步 / steps\n' "$steps"
[ "$(wc -l <<<"$booked")" -eq 1 ] && [ "$bank" -eq "$amount" ] && [ "$shown" -eq "$amount" ] &&
	[ $((before - after)) -eq "$amount" ] && [ "$steps" -eq "$counted" ] ||
	{ echo '  不一致 / they do NOT agree' >&2 && exit 1; }
echo '  一致，分毫不差 / they agree to the fen'
