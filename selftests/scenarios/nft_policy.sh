truth='nft_do_chain(): no rule matches, and the policy of the chain is drop'
setup() { must ip netns exec d2 nft 'table inet f { chain c { type filter hook input priority 0; policy drop; udp dport 9 accept; }; }'; net 'listen("d2", "udp", 7104)'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7104))"
filter='dst port 7104'
drop='nf_hook_slow|nft_do_chain'
reason=NETFILTER_DROP
cause='nft_do_chain /./
nf_hook_slow /verdict & NF_VERDICT_MASK/'
remedy() { must ip netns exec d2 nft delete table inet f; }
