"""The one client for addresses that users give. It never connects to anything inside our network.

What cannot be fetched is `UrlRejected` with a code:

    malformed            no address                     forbidden_address  it leads into a network that is not public
    scheme               neither http nor https         redirects          more than 5, or one without a target
    credentials          a user name or password in it  status             the server answers 4xx, or no plain 200
    port                 another port than 80 and 443   encoding           a compressed answer, which nobody asked for
    host                 no server has this name        too_large          more bytes than are accepted

What may work later (no answer in time, a broken connection, 5xx) is `FetchFailed`. What arrives but is no accepted
picture is `ImageRejected`, by the rules of the one decoder (tryon.core.images).

Messages never quote an address, a name or an IP: they reach logs, and tell a stranger nothing about our network.
"""
