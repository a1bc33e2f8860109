truth='the rule of iptables (nft) has DROP: nft_do_chain() returns NF_DROP'
setup() { must ip netns exec d2 iptables -I INPUT -p udp --dport 7104 -j DROP; net 'listen("d2", "udp", 7104)'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7104))"
filter='dst port 7104'
drop='nf_hook_slow|nft_do_chain'
reason=NETFILTER_DROP
cause='nft_do_chain /./
nft_immediate_eval /./
nf_hook_slow /verdict & NF_VERDICT_MASK/'
remedy() { must ip netns exec d2 iptables -F INPUT; }
