"""What should each village make, with whom, and how is it sold.

From what villages say they can make (`catalogue`) to a defended choice (`flagship`), one product
for each village (`assignment`), plants shared by neighbours, buyers, and the marketing model that
sells (`experiments`, `market`).
"""
