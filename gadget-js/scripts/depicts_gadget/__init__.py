"""What `gadget-js/scripts/deploy` does; run from a checkout, never installed.

``pages`` and ``definition`` say what the wiki shall have, and are pure; ``checkout`` asks git;
``wiki`` alone touches the network; ``drift`` compares; ``work`` carries out; ``cli`` reads
arguments. Of ours only the ground floor of depicts_model may be imported. requests and not
pywikibot: an interface administrator needs six API calls, and no folder of settings.
"""
