// Package funduse is the domain of the fund-use procedure (社区发展基金使用):
// proposal, screening, reserve, committee review, higher approval, charity
// approval, payout, public notice and closing.
//
// State holds a case; Check refuses an act the procedure does not allow,
// Apply takes one it does. Both are pure. The workflow decides when they are
// called, the district's rule set decides the numbers in Parameters.
package funduse
