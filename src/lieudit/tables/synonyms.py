"""The headers that stand for each role, French and English, the surest first.

Written without accents, case, spaces or punctuation, as :func:`lieudit.tables.headers.fold` leaves them.
"""

from __future__ import annotations

from typing import Final

_CUSTOMER = {
    "id": """
        customerid clientid idclient idcustomer codeclient clientcode customercode numeroclient
        numclient noclient nclient customernumber customerno refclient referenceclient identifiantclient
        id identifiant identifier accountid idcompte codetiers numeroadherent idcontact contactid userid
        iduser numerocarte cardnumber uuid code reference ref numero customer client""",
    "name": """
        nomclient customername clientname raisonsociale denomination denominationsociale companyname
        company entreprise societe nomentreprise enseigne nomcomplet fullname nometprenom nomprenom
        prenomnom nom name lastname libelle""",
    "address": """
        adresse address adressepostale postaladdress adressecomplete fulladdress adresse1 address1
        addressline1 adresseligne1 ligneadresse1 ligne1 voie rue nomvoie libellevoie street
        streetaddress street1""",
    "postcode": """
        codepostal cp postcode postalcode zip zipcode postalzip codepost codpost copos cpostal plz""",
    "city": """
        ville commune city town nomcommune libellecommune nomville localite municipality cityname
        villecommune libelleacheminement acheminement bureaudistributeur""",
    "country": """
        pays country codepays countrycode nompays countryname paysiso""",
    "siret": """
        siret numerosiret numsiret nsiret nosiret codesiret siretnumber siretno siretcode
        siretetablissement sirensiret siretsiren siretousiren sirenousiret siretentreprise siretsociete
        siretcompany companysiret identifiantsiret idsiret siret14 siret14chiffres""",
    "siren": """
        siren numerosiren numsiren nsiren nosiren codesiren sirennumber sirenentreprise sirensociete
        sirenunitelegale companysiren identifiantsiren idsiren siren9 siren9chiffres
        tvaintracommunautaire numerotvaintracommunautaire numtvaintracommunautaire ntvaintracommunautaire
        notvaintracommunautaire tvaintracom numerotvaintracom numtvaintracom ntvaintracom tvaintra numerotvaintra
        numtvaintra ntvaintra numerotva numtva ntva notva identifianttva idtva vatnumber vatno vatid vatin
        vatidentificationnumber vatregistrationnumber vatregno euvatnumber""",
    "naf": """
        naf codenaf ape codeape nafape codenafape apenaf activiteprincipale nafcode apecode nafrev2
        activiteprincipaleetablissement""",
    "lat": """
        latitude lat geolat latitudewgs84""",
    "lon": """
        longitude lon lng long geolon geolng longitudewgs84""",
    "website": """
        siteweb siteinternet website urlsite site urlsiteweb webpage web url homepage pageweb
        adressesiteweb adressesite adresseweb adresseinternet weburl www domaine domain""",
}

_TRANSACTION = {
    "customer": """
        customerid clientid idclient idcustomer codeclient clientcode customercode numeroclient
        numclient noclient nclient customernumber customerno refclient referenceclient identifiantclient
        accountid idcompte codetiers numeroadherent idcontact contactid userid iduser numerocarte
        cardnumber customer client buyerid idacheteur acheteur buyer member memberid user tiers email
        courriel""",
    "date": """
        datecommande orderdate datedecommande commandedate dateachat datedachat purchasedate datevente
        saledate salesdate datetransaction transactiondate invoicedate datefacture datefacturation
        dateticket date dateheure datetime timestamp horodatage createdat orderedat purchasedat
        dateoperation jour day""",
    "amount": """
        montantttc totalttc montanttotalttc ttc montanttotal totalamount ordertotal totalcommande
        montantcommande orderamount orderamountttc montantnet netapayer montant amount total totalprice
        prixtotal prixtotalttc prixttc revenue sales chiffreaffaires chiffredaffaires ca catic cattc totalht
        montantht montanttotalht caht valeur value linetotal
        totalligne montantligne spend paid""",
    "order": """
        orderid idorder commandeid idcommande numerocommande numcommande ncommande nocommande
        ordernumber orderno refcommande referencecommande orderref invoiceno invoiceid invoice
        invoicenumber numerofacture numfacture nfacture nofacture idfacture facture ticketid idticket
        numeroticket numticket nticket ticket transactionid idtransaction order commande basketid
        idpanier receipt receiptid""",
}

CUSTOMER: Final = {role: tuple(names.split()) for role, names in _CUSTOMER.items()}
TRANSACTION: Final = {role: tuple(names.split()) for role, names in _TRANSACTION.items()}

# Words that say which of several addresses a column belongs to; the first ones win over the later ones.
QUALIFIERS: Final = (
    "client", "customer", "domicile", "home", "principal", "principale", "siege", "etablissement", "facturation",
    "billing", "invoice", "livraison", "shipping", "delivery", "expedition", "contact", "magasin",
)  # fmt: skip
# Words that say nothing of a column's role.
NEUTRAL: Final = frozenset({"de", "du", "d", "l", "la", "le", "of", "the", "en", "in", "eur", "euro", "euros"})
