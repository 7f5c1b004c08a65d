"""Addresses of what is inside our network, as somebody who means harm would write them."""

from __future__ import annotations

SPELLINGS = [
    # loopback
    *("http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://127.255.255.254/", "http://2130706433/"),
    *("http://0x7f000001/", "http://0x7f.1/", "http://0x7f.0x0.0x0.0x1/", "http://017700000001/", "http://0177.1/"),
    *("http://0177.0.0.01/", "http://00000177.0.0.1/", "http://127.0.0.1:80/", "https://127.0.0.1:443/"),
    *("http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://127.0.0.1./"),
    *("http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://127.0.0.1%2f@example.com/", "http://127%2e0%2e0%2e1/"),
    *("http://127.0.0.1\\@example.com/", "http://127.0.0.1#@example.com/", "http://127.0.0.1?@example.com/"),
    # this host, broadcast, multicast, reserved
    *("http://0.0.0.0/", "http://0/", "http://0.1.2.3/", "http://255.255.255.255/", "http://4294967295/"),
    *("http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/"),
    # private, shared, link-local, metadata
    *("http://10.0.0.1/", "http://167772161/", "http://10.1/", "http://172.16.0.1/", "http://172.31.255.255/"),
    *("http://192.168.0.1/", "http://192.168.257/", "http://100.64.0.1/", "http://100.127.255.255/"),
    *("http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/"),
    *("http://169.254.170.2/", "http://100.100.100.200/", "http://168.63.129.16/", "http://192.0.0.192/"),
    # documentation, benchmarks, assignments
    *("http://192.0.2.1/", "http://198.51.100.7/", "http://203.0.113.9/", "http://198.18.0.1/", "http://192.0.0.8/"),
    *("http://192.88.99.1/", "http://198.19.255.255/"),
    # IPv6
    *("http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/"),
    *("http://[::ffff:7f00:1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/"),
    *("http://[64:ff9b::7f00:1]/", "http://[64:ff9b::169.254.169.254]/", "http://[64:ff9b:1::1]/"),
    *("http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:53aa:64c::1]/"),
    *("http://[2001:db8::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[fe80::1]/"),
    *("http://[fe80::1%25lo]/", "http://[fec0::1]/", "http://[ff02::1]/", "http://[100::1]/", "http://[5f00::1]/"),
    *("http://[2001:2::1]/", "http://[2001:20::1]/", "http://[3fff::1]/", "http://[2620:4f:8000::1]/"),
]  # fmt: skip
"""As the system itself resolves them; it knows spellings that no parser of addresses does."""
